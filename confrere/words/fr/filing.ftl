# L'alimentation du dossier : ce qui est demandé, pourquoi cela attend ou est refusé.

filing-state-queued = En préparation
filing-state-waiting-identity = Attend l'identité du patient
filing-state-submitted = Envoyé au dossier
filing-state-accepted = Versé au dossier
filing-state-rejected = Refusé
filing-state-unknown = Envoyé, réponse non reçue : vérification en cours
filing-state-withdrawn = Retiré

filing-title-report = Compte rendu : réponse à une demande d'avis
filing-title-letter = Lettre de liaison

filing-section-question = Question posée
filing-section-answer = Réponse
filing-section-conclusion = Conclusion
filing-section-what-to-do = Conduite à tenir
filing-section-by-when = À faire avant le
filing-section-send-back-if = À réadresser si
filing-section-request = Demande
filing-section-supporting = Documents cités
filing-section-subject = Objet
filing-section-message = Message
filing-section-attachments = Documents joints

filing-preview-target = Versé dans
filing-preview-patient = Patient
filing-preview-birth = Date de naissance
filing-preview-sex = Sexe
filing-sex-female = Féminin
filing-sex-male = Masculin
filing-sex-unknown = Inconnu
filing-preview-ins = Identité nationale de santé
filing-preview-consent = Accord
filing-preview-document = Document
filing-preview-author = Auteur
filing-preview-on-behalf-of = Pour le compte de
filing-preview-date = Date
filing-preview-recipients = Destinataires

error-filing-body-malformed = Cette demande d'alimentation n'est pas lisible ({ $clause }). Demandez à son auteur de mettre à jour son logiciel.
error-filing-illegal-transition = Ce n'est plus possible à ce stade de l'alimentation ({ $act }).
error-filing-unknown = Cette demande d'alimentation n'est pas connue ici.
error-filing-id-used = Une autre demande porte déjà ce numéro. Demandez l'alimentation à nouveau.
error-filing-evidence-malformed = Les pièces jointes à la demande ne sont pas lisibles ({ $field }). Demandez l'alimentation à nouveau.
error-filing-evidence-wrong = Les pièces jointes à la demande ne prouvent pas qui a écrit. Rien n'a été versé.
error-filing-evidence-foreign = Les pièces jointes à la demande viennent d'un autre service. Rien n'a été versé.
error-filing-evidence-incomplete = Les pièces jointes ne montrent pas tout ce que le service connaît des auteurs. Mettez à jour et demandez à nouveau.
error-filing-item-missing = Un élément choisi n'est pas joint à la demande. Demandez l'alimentation à nouveau.
error-filing-item-foreign = Un élément vient d'un autre échange. Rien n'a été versé.
error-filing-item-unselected = La demande contient un texte que personne n'a choisi. Rien n'a été versé.
error-filing-item-unfit = Un élément choisi ne peut pas devenir ce document : choisissez une réponse, une demande d'avis ou un message.
error-filing-item-retracted = L'auteur a retiré ce texte : il n'est plus versé.
error-filing-item-replaced = L'auteur a remplacé ce texte : choisissez la nouvelle version.
error-filing-author-unproven = L'auteur de ce texte n'est pas un professionnel dont l'identité est prouvée. Un texte du secrétariat doit être écrit au nom du médecin.
error-filing-author-number-wrong = Le numéro RPPS de l'auteur est erroné. Rien n'a été versé.
error-filing-author-is-recipient = L'auteur serait aussi le seul destinataire de ce document.
error-filing-requester-refused = Seul un membre de l'échange, qui a pu lire ce texte, peut le faire verser.
error-filing-other-case = Un élément parle d'une autre demande d'avis. Rien n'a été versé.
error-filing-other-patient = L'échange concerne un autre patient que celui du dossier ({ $trait }). Rien n'a été versé.
error-filing-two-patients = L'échange parle de deux patients ({ $trait }). Rien n'a été versé.
error-filing-patient-unproven = Rien dans l'échange ne dit de quel patient il s'agit. Joignez la demande d'avis.
error-filing-preview-differs = Ce qui serait versé n'est pas ce qui vous a été montré. Relisez l'aperçu et demandez à nouveau.
error-filing-waits-for-ins = L'identité nationale de santé du patient manque. Relevez-la ; le document partira ensuite tout seul.
error-filing-waits-for-traits = Le lieu de naissance ou le sexe du patient manque. Complétez-le ; le document partira ensuite tout seul.
error-filing-waits-for-validation = L'identité du patient n'est pas encore validée. Vérifiez une pièce d'identité ; le document partira ensuite tout seul.
error-filing-asked-by-mistake = La demande a été faite par erreur et retirée par son auteur.
error-filing-answer-lost = Le document est parti, la réponse n'est pas revenue. Il est recherché, puis renvoyé si besoin, sans doublon.

filing-footer-signed = Texte signé par son auteur dans Confrère et repris sans changement ; la preuve de signature est jointe au dossier.
filing-footer-secretary = Saisi par le secrétariat, au nom du médecin.

error-bridge-missing = Ce service ne nomme pas de passerelle vers les dossiers. Indiquez-la : « --bridge ADRESSE ».
error-bridge-unproven = Cette adresse n'est pas celle d'une passerelle reconnue par l'opérateur. Rien n'a été envoyé.
error-consent-changed = L'accord du patient a changé depuis cette demande : rien n'a été versé. Relisez-le (« confrere consent show »), puis demandez à nouveau.
error-author-structure-missing = L'annuaire ne dit pas dans quelle structure exerce l'auteur : le document ne peut pas être établi.

# Les verbes « bridge » et « file »

error-profile-is-no-bridge = Ce profil n'est pas celui d'une passerelle : « confrere invite --structure N --bridge » en délivre le code.
verb-bridge-help = Verser dans les dossiers des patients ce qui est demandé (passerelle).
bridge-flag-once-help = Faire tout ce qui peut l'être maintenant, puis finir.
bridge-json-once = --json va avec --once
bridge-started = Passerelle { $address } : en attente de demandes (Ctrl+C pour arrêter).
bridge-turn = Versés { $accepted }, en attente d'identité { $waiting }, refusés { $refused }, retirés { $withdrawn }, à reprendre { $later }.
verb-file-help = Verser une partie d'un échange dans le dossier du patient.
file-flag-events-help = Ce qui est versé : « answer », « request », « message » ou débuts de références, séparés par des virgules ; toutes les réponses par défaut.
file-flag-preview-help = Montrer exactement ce qui serait écrit, sans rien demander.
file-flag-patient-help = Le patient (FHIR), pour un échange qui ne le nomme pas.
file-flag-class-help = La partie du dossier où le document se range ; « commun » par défaut.
file-flag-bridge-help = L'adresse de la passerelle ; celle du service par défaut.
file-flag-again-help = Demander de nouveau ce qui est déjà demandé ou versé.
file-flag-status-help = Où en est ce qui a été demandé pour cet échange.
file-flag-withdraw-help = Reprendre ce qui a été demandé : ce qui est versé est marqué comme retiré dans le dossier.
file-already = C'est déjà demandé ou versé ; « --again » demande de nouveau.
file-asked = Demandé : { $documents ->
    [one] un document sera versé, avec la signature de son auteur.
   *[other] { $documents } documents seront versés, avec la signature de leurs auteurs.
}
file-withdrawn = Repris : la passerelle marque comme retiré ce qui est déjà dans le dossier.
file-none = Rien n'a été demandé pour cet échange.
file-line = Demande { $filing } : { $state }
error-filing-not-possible = La passerelle n'a pas pu établir ce document, après plusieurs essais : rien n'a été versé. Demandez à nouveau ou prévenez son opérateur.
