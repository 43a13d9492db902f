"""The names, towns, professions and streets that the synthetic extraction draws from. Nobody here exists.

Towns and specialties are real so that searches read naturally; people and numbers are not
(`synthetic_extraction`).
"""

from __future__ import annotations

from typing import NamedTuple


class Town(NamedTuple):
    """A commune: postal code, INSEE code, department."""

    name: str
    postal_code: str
    commune_code: str
    department_code: str
    department: str


class Calling(NamedTuple):
    """A profession with one of its specialties, and how many in a thousand lines."""

    weight: int
    profession_code: str
    profession: str
    specialty_code: str
    specialty: str
    authority: str


LYON = Town("Lyon 3e Arrondissement", "69003", "69383", "69", "Rhône")
ANNECY = Town("Annecy", "74000", "74010", "74", "Haute-Savoie")
GRENOBLE = Town("Grenoble", "38000", "38185", "38", "Isère")
CHAMBERY = Town("Chambéry", "73000", "73065", "73", "Savoie")

TOWNS = (
    LYON,
    ANNECY,
    GRENOBLE,
    CHAMBERY,
    Town("Lyon 8e Arrondissement", "69008", "69388", "69", "Rhône"),
    Town("Villeurbanne", "69100", "69266", "69", "Rhône"),
    Town("Saint-Étienne", "42000", "42218", "42", "Loire"),
    Town("Bourg-en-Bresse", "01000", "01053", "01", "Ain"),
    Town("Clermont-Ferrand", "63000", "63113", "63", "Puy-de-Dôme"),
    Town("Marseille 5e Arrondissement", "13005", "13205", "13", "Bouches-du-Rhône"),
    Town("Montpellier", "34000", "34172", "34", "Hérault"),
    Town("Nice", "06000", "06088", "06", "Alpes-Maritimes"),
    Town("Paris 12e Arrondissement", "75012", "75112", "75", "Paris"),
    Town("L'Haÿ-les-Roses", "94240", "94038", "94", "Val-de-Marne"),
    Town("Lille", "59000", "59350", "59", "Nord"),
    Town("Nœux-les-Mines", "62290", "62617", "62", "Pas-de-Calais"),
    Town("Strasbourg", "67000", "67482", "67", "Bas-Rhin"),
    Town("Rennes", "35000", "35238", "35", "Ille-et-Vilaine"),
    Town("Saint-Brieuc", "22000", "22278", "22", "Côtes-d'Armor"),
    Town("Nantes", "44000", "44109", "44", "Loire-Atlantique"),
    Town("Bordeaux", "33000", "33063", "33", "Gironde"),
    Town("Toulouse", "31000", "31555", "31", "Haute-Garonne"),
    Town("Ajaccio", "20000", "2A004", "2A", "Corse-du-Sud"),
    Town("Bastia", "20200", "2B033", "2B", "Haute-Corse"),
    Town("Saint-Denis", "97400", "97411", "974", "La Réunion"),
)

DOCTOR, NURSE, PHARMACIST = "10", "60", "21"
_ORDER, _AGENCY = "CNOM/CNOM/CNOM", "ARS/CPAM/CPAM"

GENERAL_MEDICINE = Calling(190, DOCTOR, "Médecin", "SM54", "Médecine générale", _ORDER)
CARDIOLOGY = Calling(25, DOCTOR, "Médecin", "SM04", "Cardiologie et maladies vasculaires", _ORDER)
PNEUMOLOGY = Calling(18, DOCTOR, "Médecin", "SM41", "Pneumologie", _ORDER)
ENDOCRINOLOGY = Calling(15, DOCTOR, "Médecin", "SM16", "Endocrinologie et métabolisme", _ORDER)
DERMATOLOGY = Calling(20, DOCTOR, "Médecin", "SM15", "Dermatologie et vénéréologie", _ORDER)
NURSING = Calling(300, NURSE, "Infirmier", "", "", _AGENCY)

CALLINGS = (
    GENERAL_MEDICINE,
    CARDIOLOGY,
    PNEUMOLOGY,
    ENDOCRINOLOGY,
    DERMATOLOGY,
    NURSING,
    Calling(20, DOCTOR, "Médecin", "SM02", "Anesthésie-réanimation", _ORDER),
    Calling(12, DOCTOR, "Médecin", "SM18", "Gériatrie", _ORDER),
    Calling(18, DOCTOR, "Médecin", "SM20", "Gynécologie-obstétrique", _ORDER),
    Calling(18, DOCTOR, "Médecin", "SM24", "Gastro-entérologie et hépatologie", _ORDER),
    Calling(16, DOCTOR, "Médecin", "SM32", "Neurologie", _ORDER),
    Calling(18, DOCTOR, "Médecin", "SM38", "Ophtalmologie", _ORDER),
    Calling(20, DOCTOR, "Médecin", "SM40", "Pédiatrie", _ORDER),
    Calling(25, DOCTOR, "Médecin", "SM42", "Psychiatrie", _ORDER),
    Calling(18, DOCTOR, "Médecin", "SM44", "Radio-diagnostic", _ORDER),
    Calling(60, PHARMACIST, "Pharmacien", "", "", "CNOP/CNOP/CNOP"),
    Calling(50, "40", "Chirurgien-Dentiste", "", "", "CNOCD/CNOCD/CNOCD"),
    Calling(35, "50", "Sage-Femme", "", "", "CNOSF/CNOSF/CNOSF"),
    Calling(92, "70", "Masseur-Kinésithérapeute", "", "", "CNOMK/CNOMK/CNOMK"),
    Calling(30, "91", "Orthophoniste", "", "", _AGENCY),
)

FAMILIES = tuple(
    """
    ABADIE ALLARD ANDRÉ ARNOULD AUBÉPIN BAILLY BARBIER BEAUCHÊNE BÉRANGER BERTHELOT BLANCHET BŒUF BOIVIN
    BONNARD BOURGEOIS BRÉMOND BRUNEL CARLIER CASTEL CHAPUIS CHARRIÈRE CHEVREAU COLLET CORMIER COSTE COULON
    D'ARGENT DAVENNE DE~LA~TOUR DELATTRE DESCHAMPS DÉSORMEAUX DIALLO DUCHÊNE DUFRESNE DUMOULIN DUPRÉ DUVERNOIS
    ESTÈVE FARGES FÉVRIER FLEURY FOREST FOURNEL GAILLARD GAUDIN GERVAIS GIRARDOT GRANGER GUÉRINEAU GUILLOT
    HAMEL HÉBRARD HUGUENIN JACQUOT JOLIVET JOURDAIN KERVELLA LACROIX LAGARDE LANGLOIS LAURENT-PETIT LE~BIHAN
    LE~GOFF LECŒUR LEFÈVRE LEMERCIER L'HERMITE LOISEAU MAILLARD MARÉCHAL MARTIN MARTIN-DUVAL MASSON MERCADIER
    MEUNIER MONTEIL MOUTON NAVARRE NGUYEN NOIZET OLLIVIER PASCALIN PÉLISSIER PERRAUD PICHARD PLANCHON POMMIER
    PRÉVOST QUÉMENER RAMBERT RÉGNIER RIVOIRE ROCHETTE ROUSSELOT SABATHIER SAINT-AUBIN SANTINI SAUVAGE SÉNÉCHAL
    SOREL TERRASSE TESSIER THÉVENOT TOURNIER TRAORÉ VALADE VASSEUR VERDIER VIGNERON VOISIN WEISSGERBER YVON
    ZELLER""".split()  # noqa: SIM905
)

GIVENS = tuple(
    """
    Adèle Agnès Aïcha Alain Amandine Anaïs André Anne-Laure Antoine Arthur Aurélie Baptiste Béatrice Benoît Bérénice
    Camille Cécile Cédric Céline Chloé Clémence Damien Danièle David Delphine Élise Éloïse Émile Étienne
    Fabien Fanny Fatou Félix Florence François Françoise Gaël Geneviève Georges Gérard Hélène Henri Inès
    Isabelle Jean-Marc Jean-Pierre Jeanne Jérôme Joël Judith Karim Laëtitia Laure Léa Léon Loïc Louise Lucie
    Maëlys Marc Marguerite Marie Marie-Claire Mathilde Maud Mickaël Myriam Nathalie Nicolas Noémie Odile
    Ophélie Pascal Pauline Philippe Raphaël Rémi René Romane Samir Sébastien Simone Solène Stéphane Sylvain
    Théo Thérèse Valérie Véronique Victor Xavier Yann Yasmine Yves Zoé""".split()  # noqa: SIM905
)

STREETS = ("DES LILAS", "DE LA GARE", "DU 8 MAI 1945", "DE L’ÉGLISE", "DES ÉCOLES", "VICTOR HUGO", "DU MOULIN")
