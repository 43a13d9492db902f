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
invite-name-with-staff = --staff-of et --name vont ensemble
invite-done =
    Code d'inscription de { $name } : { $code }
    Adresse : { $address }. Utilisable une fois, jusqu'au { $until }. À remettre en main propre ou par courrier.

error-register-busy = Le service était trop occupé pour noter l'invitation. Réessayez dans un instant.
