# Les commandes de l'exploitant : annuaire, invitations

operator-flag-data-help = dossier des données du service

directory-import-flag-file-help = le fichier « Personne_activite » décompressé de l'Annuaire Santé
directory-import-flag-shrink-help = accepter un fichier de moins de 80 % des lignes qu'il remplace
directory-import-progress = Import
directory-import-skipped = Ligne { $line } ignorée : { $reason }
directory-import-done =
    Annuaire installé : { $practitioners } professionnels, { $rows } lignes, { $skipped } ignorées.
    { $without } lignes sans numéro RPPS : ces personnes sont trouvées mais ne peuvent pas être invitées.

directory-search-flag-text-help = parties du nom dans n'importe quel ordre, ou un numéro RPPS
directory-search-flag-server-help = adresse du service
directory-search-flag-specialty-help = spécialité ou profession, ou son début
directory-search-flag-place-help = ville, code postal ou département
directory-search-nobody = Personne n'a été trouvé. Essayez avec moins de lettres, ou sans la spécialité ou le lieu.

reach-end-to-end = joignable par Confrère, chiffré de bout en bout
reach-classic = pas encore sur Confrère ; joignable par messagerie sécurisée classique
reach-not-yet = pas encore sur Confrère ; une demande attend ici son inscription

invite-flag-rpps-help = numéro RPPS d'un professionnel de l'annuaire
invite-flag-staff-of-help = adresse de la personne pour qui travaille la personne invitée
invite-flag-structure-help = numéro FINESS ou SIREN d'une structure
invite-flag-name-help = prénom et nom, avec --staff-of
invite-flag-patient-help = identité d'un patient (ressource FHIR Patient) ; elle ne va que dans le fichier d'invitation
invite-flag-to-help = fichier d'invitation à écrire, avec --patient (par défaut : { $file })
invite-flag-deposit-only-help = avec --structure : elle dépose des documents dans les dossiers et ne lit rien
invite-flag-payer-help = avec --structure : elle dépose des remboursements et ne lit rien
invite-flag-bridge-help = avec --structure : elle classe dans les dossiers ce que les échanges décident
invite-does-with-structure = --deposit-only, --payer et --bridge vont avec --structure
invite-to-with-patient = --to va avec --patient
invite-to-outside-data = le fichier d'invitation nomme un patient : il ne s'écrit pas dans le dossier du service
invite-name-with-staff = --staff-of et --name vont ensemble
invite-done =
    Code d'inscription de { $name } : { $code }
    Adresse : { $address }. Utilisable une fois, jusqu'au { $until }. À remettre en main propre ou par courrier.
invite-done-depositor =
    Code d'inscription de { $name } : { $code }
    Ce compte dépose et ne lit rien ; il n'a pas d'adresse. Utilisable une fois, jusqu'au { $until }. À remettre en main propre.
invite-done-patient =
    Invitation écrite dans { $file }. Son code : { $code }
    Utilisable une fois, jusqu'au { $until }. Ce fichier dit qui est le patient : remettez-le en main propre, puis supprimez-le ici.

error-register-busy = Le service était trop occupé pour noter l'invitation. Réessayez dans un instant.
error-invitation-file-wrong = { $file } n'est pas un fichier d'invitation. Demandez-en un nouveau à qui vous a invité.
