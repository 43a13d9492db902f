# Les documents du dossier : ce qui empêche d'en écrire un, ou d'en lire un qui a été reçu.

error-cda-author-is-recipient = L'auteur de ce document en est aussi le destinataire. Rien n'a été versé ; retirez-le des destinataires.
error-cda-rpps-wrong = Le numéro RPPS d'un professionnel de ce document n'est pas valide. Rien n'a été versé ; vérifiez-le dans l'annuaire.
error-cda-structure-wrong = Le numéro { $kind ->
    [finess] FINESS
    [siren] SIREN
    [siret] SIRET
   *[other] RPPS-rang
} d'une structure de ce document n'est pas valide. Rien n'a été versé ; vérifiez-le dans l'annuaire.
error-cda-patient-incomplete = L'identité du patient est incomplète pour un document : il manque { $trait ->
    [birth-name] le nom de naissance
    [birth-given-names] les prénoms de naissance
    [birth-date] la date de naissance
    [sex] le sexe
    [birth-place] le code INSEE du lieu de naissance
    [ins] le matricule INS
   *[other] un trait
}{ $others ->
    [0] {""}
    [one] {" "}et un autre trait
   *[other] {" "}et { $others } autres traits
}. Complétez-la dans votre logiciel.
error-cda-ins-key-wrong = Les deux derniers chiffres du matricule INS ne correspondent pas aux treize premiers. Rien n'a été versé ; relisez l'identité dans votre logiciel.
error-cda-pdf-wrong = La lettre à verser n'est pas un PDF entier. Rien n'a été versé.
error-cda-pdf-too-large = La lettre à verser est trop lourde (maximum { $limit } octets). Rien n'a été versé ; allégez-la.
error-cda-dates-wrong = Les dates de ce document ne tiennent pas : { $which ->
    [after-document] l'acte ou la rencontre serait postérieur au document
    [before-birth] l'une d'elles précède la naissance du patient
   *[other] l'une d'elles n'existe pas
}. Rien n'a été versé.
error-cda-value-wrong = Ce document ne peut pas être écrit : la valeur de { $field } ne convient pas. Rien n'a été versé.
error-cda-rule-broken = Ce document ne respecte pas les règles du dossier partagé : { $rule }. Il a été refusé ; demandez à son auteur de le corriger.
error-cda-unsafe = Ce document a été refusé sans être ouvert : son contenu n'est pas sûr ({ $clause }).
error-cda-not-a-document = Ce fichier n'est pas un document médical au format CDA. Il a été refusé.
error-cda-unreadable = Ce document ne se lit pas ({ $clause }). Il a été refusé ; demandez à son auteur de le renvoyer.
error-cda-patient-missing = Ce document ne dit pas de quel patient il est. Il a été refusé.
error-cda-two-patients = Ce document est au nom de plusieurs patients. Il a été refusé.
error-cda-two-identities = Ce document porte deux matricules INS différents. Il a été refusé ; demandez à son auteur de le corriger.
