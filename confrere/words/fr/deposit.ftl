# Déposer dans le dossier d'un patient sans le lire.

verb-deposit-help = dépose un document dans le dossier d'un patient
deposit-flag-file-help = le document : un CDA, ou le relevé de remboursements d'un organisme payeur (FHIR ExplanationOfBenefit)
deposit-flag-record-help = la carte du dossier, remise par le patient ou son médecin (un fichier, « - » pour l'entrée standard)
deposit-flag-class-help = la partie du dossier : commun (par défaut), annonce, représentants ; remboursement pour un organisme payeur
deposit-done = Déposé dans le dossier de { $patient } : { $title }. Vous ne pouvez plus le lire ; le patient et ceux qu'il autorise le peuvent.
deposit-already = Ce document était déjà dans le dossier de { $patient } ({ $title }) : rien n'a été ajouté.
deposit-results = { $count ->
    [one] 1 résultat lu
   *[other] { $count } résultats lus
 }{ $abnormal ->
    [0] {""}
   *[other] , dont { $abnormal } hors norme
 }
deposit-card-of = Carte signée par { $name }.
deposit-card-of-patient = Carte signée par le patient.

error-deposit-not-yours = Ce profil ne dépose pas dans les dossiers : il y faut l'inscription d'une structure qui dépose (« confrere invite --structure ... --deposit-only »).
error-deposit-changed = Un autre contenu a déjà été déposé ici sous le même identifiant et la même version : un document corrigé porte une nouvelle version. Rien n'a été déposé.
error-deposit-known = Ce document est déjà dans le dossier, déposé par votre structure depuis un autre poste. Rien n'a été ajouté.
error-deposit-type-unknown = Ce type de document ({ $code }) n'est pas de la liste nationale : il n'est pas déposé.
error-deposit-too-many-results = Ce compte rendu a plus de { $limit } résultats : il n'est pas déposé. Séparez-le en plusieurs.
error-deposit-insurer-other = Ce relevé est celui d'un autre organisme que le vôtre : il n'est pas déposé.
error-record-card-not-yours = Seul celui qui tient le dossier, le patient ou le médecin qui l'a ouvert pour lui, en remet la carte.

# Résultats d'analyses, joints à un échange.
laboratory-results = { $count ->
    [one] 1 résultat
   *[other] { $count } résultats
 } · { $laboratory } · { $date }
laboratory-patient = Patient : { $patient }
laboratory-unreadable = Les résultats de ce document ne se lisent pas ici : { $reason }
laboratory-unreachable = Les résultats ne se lisent pas hors ligne.
