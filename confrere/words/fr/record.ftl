# Le dossier partagé du patient, tel que ce poste l'ouvre.

error-record-unknown = Ce dossier n'est pas connu ici. « confrere record show » liste ceux que vous pouvez ouvrir.
error-record-ambiguous = { $matches } dossiers répondent à ce début : donnez la référence du dossier (« confrere record show » les liste, avec les dates de naissance).
error-record-open-already = Un dossier de ce patient est déjà ouvert ici ({ $record }) : « confrere record show » le montre.
error-patient-not-attested = Ce profil ne dit pas de quel patient il est. Inscrivez-vous avec le fichier remis par votre établissement (« confrere enroll --invitation »).
error-sheet-code-malformed = Ce code n'est pas celui d'une feuille de dossier : 46 lettres et chiffres, à recopier tels quels ou à scanner.
error-claim-refused = Cette feuille n'ouvre pas de dossier à votre nom. Elle vaut pour le patient qui l'a reçue ; demandez à votre médecin d'en vérifier l'identité.
error-item-unknown = Aucune ligne de ce dossier ne commence ainsi. « confrere record show » les liste.
error-item-ambiguous = Plusieurs lignes commencent ainsi : tapez-en davantage.
error-document-missing = Cette ligne n'a pas de document joint.
error-document-of-another = Ce document parle d'un autre patient : il n'est pas montré, ni déposé.
error-share-class-refused = Cette ligne ne se montre pas dans un échange : le patient l'a masquée ou elle relève d'un autre accès.
error-share-over = Cet accès au dossier est terminé, avec la demande d'avis ou à la date prévue.
error-share-withdrawn = Cette ligne du dossier n'est plus montrée ici.

record-note-withdrawn = Retiré par qui l'a versé
record-note-patient-unknown = Le dossier n'a pas encore dit de quel patient il est : vérifiez que ce document le concerne
