"""The French value sets that a document's header takes its codes from, with the labels to show (CDA-7.1 to CDA-7.2).

Only what documents between clinicians use: a code that is not here is shown by its profession, by the label that its
document gave, or as it stands. Whether a code fits a profession is the national server's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LOINC = "2.16.840.1.113883.6.1"
NATIONAL_TYPES = "1.2.250.1.213.1.1.4.12"  # document types that LOINC does not have
CLASSES = "1.2.250.1.213.1.1.4.1"
CONFIDENTIALITY = "2.16.840.1.113883.5.25"
GENDER = "2.16.840.1.113883.5.1"
SPECIALTIES = "1.2.250.1.213.1.1.4.5"
FACILITIES = "1.2.250.1.71.4.2.4"
PRACTICE_SETTINGS = "1.2.250.1.213.1.1.4.9"

LABORATORY_REPORT = "11502-2"


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A document type, and the class that the national association gives it (ASS_X04)."""

    code: str
    system: str
    label: str
    class_code: str
    class_label: str


def _table(lines: str) -> Mapping[str, str]:
    return MappingProxyType(dict(line.split(" ", 1) for line in lines.strip().splitlines()))


CLASS_LABELS = _table("""
10 Compte rendu
11 Synthèse
31 Imagerie médicale
42 Prescription
43 Dispensation
44 Plan de soins, protocole de soins
45 Traitement administré
52 Certificat, déclaration
60 Données de remboursement
90 Autres documents déposés par le patient
95 Document de gestion
99 Document technique
""")

# Code, class, label: what the national list holds and the association gives a class.
_TYPES = _table("""
11369-6 52 Historique des vaccinations
11488-4 10 CR ou fiche de consultation ou de visite
11490-0 10 Lettre de liaison à la sortie d'un établissement de soins
11502-2 10 CR d'examens biologiques
11505-5 10 CR d'acte thérapeutique (autre)
11506-3 10 CR ou fiche de suivi de soins par auxiliaire médical
15507-7 10 CR de passage aux urgences
15508-5 10 CR d'accouchement
18748-4 31 CR d'imagerie médicale
18761-7 11 Note de transfert (dont lettre de liaison à l'entrée en établissement de soins)
18776-5 44 Plan personnalisé de soins
28653-4 10 Document du secteur social / médico-social
29274-8 10 Mesures de signes vitaux
34112-3 10 CR hospitalier (séjour)
34133-9 11 Synthèse d'épisode de soins
34749-2 10 CR de consultation pré-anesthésique
34794-8 10 CR de réunion de concertation pluridisciplinaire
34842-5 11 Grille d'évaluation médico-social
34874-8 10 CR opératoire
34875-5 10 Évaluation postopératoire et note de suivi
47420-5 10 CR de bilan fonctionnel
51851-4 95 Document administratif
51969-4 10 CR de génétique moléculaire
52040-3 31 Document encapsulant une image d'illustration non DICOM
55115-0 42 Demande d'actes d'imagerie
56445-0 11 Bilan médicamenteux (Officine)
56446-8 95 Notification de rendez-vous
57055-6 11 Synthèse antepartum
57057-2 11 Synthèse Salle de Naissance Mère
57075-4 11 Synthèse Salle de Naissance Enfant
57828-6 42 Prescription (autre)
57832-8 42 Prescription de soins
57833-6 42 Prescription de produits de santé
59283-2 10 CR d'examen de l'enfant
59284-0 95 Attestation de consentement
60568-3 10 CR d'anatomie et de cytologie pathologiques
60591-5 11 Synthèse médicale
60593-1 43 Dispensation médicamenteuse
61357-0 42 Intervention pharmaceutique
67851-6 10 CR d'admission
68599-0 11 Synthèse psychiatrique
68817-6 11 Bilan de santé et de prévention de l'enfant
70004-7 10 CR d'acte diagnostique (autre)
74207-2 11 Document de liaison d'urgence
74465-6 90 Questionnaire patient
75468-9 42 Renouvellement ordonnance par pharmacien correspondant
75482-0 10 CR d'acte thérapeutique à visée préventive
75492-9 10 CR d'acte diagnostique à visée préventive ou de dépistage
75496-0 10 Demande d'acte de télémédecine
77436-4 10 CR d'anesthésie
77604-7 44 Planification thérapeutique
78489-2 11 Synthèse Enfant en Maternité
78513-9 10 CR de consultation en ophtalmologie
78601-2 10 CR d'entretien pharmaceutique
80565-5 45 CR d'administration de médicaments
80771-9 44 Projet d'accueil individualisé
80788-3 44 Projet personnalisé d'accompagnement
80820-4 11 Formulaire de conciliation médicamenteuse (Hôpital)
83836-7 11 Schéma dentaire
83869-8 44 Plan personnalisé de prévention
83901-9 11 Bilan psychologique
83981-1 10 Lettre de liaison à la sortie d'une structure sociale ou médico-sociale
85208-7 10 CR de télémédecine
86531-1 95 Attestation de sortie
87273-9 52 Note de vaccination
88348-8 11 Lettre de liaison d'entrée en structure sociale ou médico-sociale
89235-6 11 Synthèse Suites de Couches Mère
89601-9 52 Certificat médical
93024-8 10 CR de consultation pharmaceutique
96173-0 52 Test rapide d'orientation diagnostique
96349-6 10 Lettre d'adressage
96874-3 52 COVID-19 Attestation de vaccination
ATTEST-ASS-COMPL 95 Attestation assurance complémentaire
ATTEST-DROITS-AM 95 Attestation de droits à l'assurance maladie
ATTEST-HEBGT 95 Attestation d'hébergement
ATTEST-RESID 95 Attestation de résidence
AUTORIS-SOINS 95 Autorisation de soins et actes non usuels sanitaires
BIL_AUTO 10 CR de bilan d'évaluation de la perte d'autonomie
CERT_DECL 52 Certificat, déclaration
DISP_AUT 43 Dispensation (autre)
DOCPAT01 11 Synthèse déposée par le patient
DOCPAT02 42 Traitement ou document de soins déposé par le patient
DOCPAT03 10 CR déposé par le patient
DOCPAT04 31 Imagerie déposée par le patient
DOCPAT05 10 CR de biologie déposé par le patient
DOCPAT06 10 CR de prévention déposé par le patient
DOCPAT07 52 Certificat déposé par le patient
DOCPAT08 11 Profil médical Mon espace santé
DOCPAT09 95 Document administratif déposé par le patient
EXPORT_DUI 11 Export du Dossier Usager Informatisé
EXPPAT_1 90 Volontés et droits du patient
EXPPAT_2 90 Autre document du patient
EXPPAT_3 90 Directives anticipées
FEUILLE-DE-STYLE 99 Feuille de style
FICHE-CONTACTS 95 Fiche contacts
IMG-KOS 31 Reference d'objets d'un examen d'imagerie
PIECE-IDENTITE 95 Copie pièce d'identité
PRESC-AAT 42 Prescription arrêt de travail
PRESC-BIO 42 Prescription d'actes de biologie médicale
PRESC-INF 42 Prescription d'actes infirmiers
PRESC-KINE 42 Prescription d'actes de kinésithérapie
PRESC-ORTHOPHO 42 Prescription d'actes d'orthophonie
PRESC-ORTHOPTIE 42 Prescription d'actes d'orthoptie
PRESC-PEDI 42 Prescription d'actes de pédicurie
PROT_ALD 44 Protocole de soins ALD
REMB 60 Données de remboursement
SYNTH 11 Synthèse
""")

PROFESSIONS = _table("""
G15_10 Médecin
G15_21 Pharmacien
G15_26 Audioprothésiste
G15_28 Opticien-Lunetier
G15_35 Aide-soignant
G15_40 Chirurgien-Dentiste
G15_50 Sage-Femme
G15_60 Infirmier
G15_70 Masseur-Kinésithérapeute
G15_80 Pédicure-Podologue
G15_86 Technicien de laboratoire médical
G15_91 Orthophoniste
G15_92 Orthoptiste
G15_94 Ergothérapeute
G15_95 Diététicien
G15_96 Psychomotricien
G15_98 Manipulateur ERM
""")

# Specialties of physicians (code after "G15_10/").
_PHYSICIANS = _table("""
SM01 Anatomie et Cytologie pathologiques
SM02 Anesthésie-réanimation
SM03 Biologie médicale
SM04 Cardiologie et maladies vasculaires
SM05 Chirurgie générale
SM06 Chirurgie maxillo-faciale
SM07 Chirurgie maxillo-faciale et Stomatologie
SM08 Chirurgie orthopédique et Traumatologie
SM09 Chirurgie infantile
SM10 Chirurgie plastique reconstruct et esthétique
SM11 Chirurgie thoracique et cardio-vasculaire
SM12 Chirurgie urologique
SM13 Chirurgie vasculaire
SM14 Chirurgie viscérale et digestive
SM15 Dermatologie et Vénéréologie
SM16 Endocrinologie et métabolisme
SM17 Génétique médicale
SM18 Gériatrie
SM19 Gynécologie médicale
SM20 Gynécologie-obstétrique
SM21 Hématologie
SM22 Hématologie, opt Maladie du sang
SM23 Hématologie, opt Onco-hématologie
SM24 Gastro-entérologie et hépatologie
SM25 Médecine du travail
SM26 Qualifié en Médecine Générale
SM27 Médecine interne
SM28 Médecine nucléaire
SM29 Médecine physique et réadaptation
SM30 Néphrologie
SM31 Neuro-chirurgie
SM32 Neurologie
SM33 Neuro-psychiatrie
SM34 ORL et Chirurgie cervico-faciale
SM35 Oncologie, opt Onco-hématologie
SM36 Oncologie, opt médicale
SM37 Oncologie, opt radiothérapie
SM38 Ophtalmologie
SM39 Oto-rhino-laryngologie
SM40 Pédiatrie
SM41 Pneumologie
SM42 Psychiatrie
SM43 Psychiatrie, opt enfant et adolescent
SM44 Radio-diagnostic
SM45 Radio-thérapie
SM46 Médecine intensive-réanimation
SM47 Recherche médicale
SM48 Rhumatologie
SM49 Santé publique et Médecine sociale
SM50 Stomatologie
SM51 Gynéco-obstétrique et Gynéco méd, opt Gyn-obs
SM52 Gynéco-obstétrique et Gynéco méd, opt Gyn-méd
SM53 Spécialiste en Médecine Générale
SM54 Médecine Générale
SM55 Radio-diagnostic et Radio-Thérapie
SM56 Chirurgie orale
SM57 Allergologie
SM58 Maladies infectieuses et tropicales
SM59 Médecine d'urgence
SM60 Médecine légale et expertises médicales
SM61 Médecine vasculaire
SM62 Endocrinologie, diabétologie, nutrition
SM63 Biologie médicale option biologie générale
SM64 Biologie médicale option médecine moléculaire, génétique et pharmacologie
SM65 Biologie médicale option hématologie et immunologie
SM66 Biologie médicale option agents infectieux
SM67 Biologie médicale option biologie de la reproduction
SM68 Chirurgie maxillo-faciale (réforme 2017)
SM69 Chirurgie pédiatrique option chirurgie viscérale pédiatrique
SM70 Chirurgie pédiatrique option orthopédie pédiatrique
SM71 Hématologie (réforme 2017)
SM72 Médecine interne et immunologie clinique
SM73 Médecine cardiovasculaire
SM74 Radiologie et imagerie médicale
SM75 Santé publique
""")

FACILITY_LABELS = _table("""
SA01 Etablissement public de santé
SA02 Hôpital militaire du Service de santé des armées
SA03 Etablissement privé PSPH
SA04 Etablissement privé non PSPH
SA05 Centre de santé
SA07 Cabinet individuel
SA08 Cabinet de groupe
SA09 Exercice en société
SA12 Etablissement de soins et prévention
SA13 Prévention et soins en entreprise
SA15 PMI et Planification familiale
SA16 Etablissement pour personnes handicapées
SA17 Etablissement pour personnes âgées
SA21 Etablissement d'hébergement et de réadaptation
SA24 Organisme de sécurité sociale
SA25 Laboratoire de biologie médicale
SA29 Laboratoire d'analyses et de biologie médicale
SA30 Autre établissement sanitaire
SA33 Pharmacie d'officine
SA34 Centre de dialyse
SA36 Centre anti-cancer
SA37 Centre de transfusion sanguine
SA40 Secteur privé, praticien hospitalier temps plein
SA50 Permanence des soins ambulatoires hors cabinet
SA51 Structure de coopération avec autorisation de soins
SA52 Maison de santé ou Pôle de santé
SA54 Centre de dépistage et de prévention
SA57 Structure de coopération avec mission de coordination de soins
SA60 Centres médicaux SNCF
SA63 Communauté professionnelle territoriale de santé et équipe de soins spécialisés
SA64 Société de téléconsultation
SA66 Services de Prévention et de Santé au Travail (SPST)
SA67 Maisons médicales de garde (MMG)
SA69 Maisons de naissance
""")

PRACTICE_SETTING_LABELS = _table("""
AMBULATOIRE Ambulatoire
AMO Organisme d'assurance maladie obligatoire
DEPISTAGE Dépistage
ESSMS Etablissement ou Service Social ou Médico-Social
ETABLISSEMENT Etablissement de santé
HAD Hospitalisation à domicile
MAD Maintien à domicile
PALLIATIF Soins palliatifs
SAD Soins à domicile
SAMU_SMUR SAMU/SMUR
""")

CONFIDENTIALITY_LABELS = _table("""
N Normal
R Restreint
V Très restreint
""")

GENDER_LABELS = _table("""
F Féminin
M Masculin
""")


def _document_type(code: str, entry: str) -> DocumentType:
    class_code, label = entry.split(" ", 1)
    system = LOINC if code[0].isdigit() else NATIONAL_TYPES
    return DocumentType(code, system, label, class_code, CLASS_LABELS[class_code])


DOCUMENT_TYPES = MappingProxyType({code: _document_type(code, entry) for code, entry in _TYPES.items()})


def document_type(code: str) -> DocumentType | None:
    """The type of this code, or None where this project does not know it."""
    return DOCUMENT_TYPES.get(code)


def specialty_code(profession: str, expertise: str = "") -> str:
    """The author's code from the extraction's columns: profession "10", expertise "SM26" give "G15_10/SM26"."""
    return f"G15_{profession}/{expertise}" if expertise else f"G15_{profession}"


def specialty_label(code: str) -> str:
    """The label of an author's code; that of the profession where the expertise is not known; else the code."""
    profession, _, expertise = code.partition("/")
    if profession == "G15_10" and expertise in _PHYSICIANS:
        return f"{PROFESSIONS[profession]} - {_PHYSICIANS[expertise]} (SM)"
    return PROFESSIONS.get(profession, code)


def facility_label(code: str) -> str:
    """The label of a facility type (sector of activity), or the code."""
    return FACILITY_LABELS.get(code, code)


def practice_setting_label(code: str) -> str:
    """The label of a practice setting, or the code."""
    return PRACTICE_SETTING_LABELS.get(code, code)
