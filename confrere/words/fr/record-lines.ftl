# Les lignes d'un dossier : ses parties, ce qui s'y trouve, dans quel ordre, et le journal du patient.

error-record-class-unknown = Cette partie du dossier n'existe pas. Au choix : avis, commun, masqué, annonce, représentants, remboursements, urgence.
error-record-kind-unknown = Ce type d'élément n'existe pas. Au choix : synthèse, allergie, traitement, compte rendu, lettre, biologie, imagerie, ordonnance, note, remboursement, autre.
error-record-item-malformed = Cet élément du dossier ne se lit pas ({ $clause }). Il est conservé ; mettez à jour votre logiciel.
error-record-card-malformed = Cette carte de dossier ne se lit pas ({ $clause }). Demandez-en une nouvelle au patient ou à son médecin.
error-record-card-forged = Cette carte de dossier n'a pas été faite par qui elle le dit. N'envoyez rien ; demandez-en une autre au patient ou à son médecin.
error-record-card-expired = Cette carte de dossier n'est plus valable. Demandez-en une nouvelle au patient ou à son médecin.
error-record-card-early = Cette carte de dossier porte une date à venir. Vérifiez l'heure de votre appareil.

record-class-notices = Avis
record-class-notices-what = Ce qui s'est passé autour de vous, sans aucun contenu médical.
record-class-common = Commun
record-class-common-what = Ce que voient les professionnels qui s'occupent de vous.
record-class-masked = Masqué aux professionnels
record-class-masked-what = Ce que vous avez choisi de garder pour vous.
record-class-announcement = En attente d'annonce
record-class-announcement-what = Ce qu'un médecin vous dira d'abord lui-même, en consultation.
record-class-not-for-representatives = Non visible des représentants légaux
record-class-not-for-representatives-what = Ce qu'un mineur a demandé de ne pas montrer à ses parents.
record-class-reimbursement = Remboursements
record-class-reimbursement-what = Ce que les organismes payeurs déposent ; ils ne lisent rien.
record-class-emergency = Synthèse d'urgence
record-class-emergency-what = L'essentiel pour vous soigner si vous ne pouvez pas répondre.

record-kind-synthesis = Synthèse
record-kind-allergy = Allergie
record-kind-treatment = Traitement
record-kind-report = Compte rendu
record-kind-letter = Lettre
record-kind-laboratory = Biologie
record-kind-imaging = Imagerie
record-kind-prescription = Ordonnance
record-kind-note = Note
record-kind-reimbursement = Remboursement
record-kind-other = Autre document

record-place-synthesis = Synthèse
record-place-allergies = Allergies
record-place-treatments = Traitements
record-place-abnormal = Résultats anormaux depuis un an
record-place-unread = Pas encore lus
record-place-answers = Réponses récentes
record-place-rest = Le reste, par date
record-place-reimbursements = Remboursements
record-place-replaced = Versions remplacées

record-purpose-care = pour vous soigner
record-purpose-own = par vous-même
record-purpose-exchange = pour répondre à une question posée à votre sujet
record-purpose-filing = pour ranger ce que vous avez accepté
record-purpose-emergency = en urgence

record-log-read = { $who } a lu { $what } { $why }{ $count ->
    [1] {""}
   *[other] {" "}({ $count } fois en moins d'une heure)
}.
record-log-asked = { $who } a posé une question à { $whom } à votre sujet.
record-log-answered = { $who } a répondu à { $whom }.
record-log-shared = { $who } a montré des éléments de votre dossier à { $whom }.
record-log-share-ended = { $whom } ne peut plus ouvrir ce que { $who } lui avait montré.
record-log-filed = « { $what } » a été rangé dans votre dossier, à la demande de { $who } ({ $basis }).
record-log-filing-waits = « { $what } » attend d'être rangé dans votre dossier, à la demande de { $who }.
record-log-filing-refused = « { $what } » n'a pas été rangé dans votre dossier, malgré la demande de { $who }.
record-log-filing-withdrawn = « { $what } », rangé à la demande de { $who }, a été retiré.
record-log-deposited = { $who } a déposé un document.
record-log-consent-proposed = { $who } vous a proposé un accord pour { $what }.
record-log-consent-recorded = { $who } a enregistré votre accord pour { $what } ({ $basis }).
record-log-consent-limited = { $who } a enregistré votre accord avec des limites pour { $what } ({ $basis }).
record-log-consent-withdrawn = { $who } a enregistré le retrait de votre accord pour { $what } ({ $basis }).
record-log-consent-expired = Votre accord pour { $what } est arrivé à son terme.
record-log-consent-opposed = { $who } a enregistré votre opposition pour { $what } ({ $basis }).
record-log-claimed = { $who } a pris possession du dossier.
record-log-mandate-granted = { $who } a donné accès à { $whom } : { $what }.
record-log-mandate-ended = { $who } a mis fin à l'accès de { $whom } : { $what }.
record-log-masked = { $who } a masqué « { $what } » aux professionnels.
record-log-unmasked = { $who } a de nouveau montré « { $what } » aux professionnels.
record-log-moved = { $who } a changé « { $what } » de partie du dossier.
record-log-limits = Ce journal montre chaque ouverture demandée au service. Ce qui a déjà été lu, copié ou imprimé peut être relu sans laisser de ligne ici.
