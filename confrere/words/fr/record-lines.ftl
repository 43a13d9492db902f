# Les lignes d'un dossier : ses parties, ce qui s'y trouve, dans quel ordre, et le journal du patient.

error-record-class-unknown = Cette partie du dossier n'existe pas. Au choix : avis, commun, masqué, annonce, représentants, remboursements, urgence.
error-record-kind-unknown = Ce type d'élément n'existe pas. Au choix : synthèse, allergie, traitement, compte rendu, lettre, biologie, imagerie, ordonnance, note, remboursement, autre.
error-record-item-malformed = Cet élément du dossier ne se lit pas ({ $clause }). Il est conservé ; mettez à jour votre logiciel.
error-record-card-malformed = Cette carte de dossier ne se lit pas ({ $clause }). Demandez-en une nouvelle au patient ou à son médecin.
error-record-card-forged = Cette carte de dossier n'a pas été faite par qui elle le dit. N'envoyez rien ; demandez-en une autre au patient ou à son médecin.
error-record-card-expired = Cette carte de dossier n'est plus valable. Demandez-en une nouvelle au patient ou à son médecin.
error-record-card-early = Cette carte de dossier porte une date à venir. Vérifiez l'heure de votre appareil.
