# L'identité d'un patient

error-patient-unreadable = Cette identité de patient ne se lit pas ({ $clause }). Donnez le fichier Patient exporté par votre logiciel, ou relisez le datamatrix INS.
error-patient-ins-malformed = Le matricule INS n'a pas la forme attendue : quinze caractères, avec son autorité ({ $clause }).
error-patient-ins-key-wrong = Les deux derniers chiffres du matricule INS ne correspondent pas aux treize premiers : il contient une erreur. Rien n'a été envoyé ; relisez l'identité dans votre logiciel.
error-patient-traits-missing = Identité incomplète : il manque { $trait ->
    [birth-name] le nom de naissance
    [birth-given-names] les prénoms de naissance
    [birth-date] la date de naissance
    [sex] le sexe
    [birth-place] un code INSEE valable du lieu de naissance
    [ins] le matricule INS
   *[other] un trait
}{ $others ->
    [0] {""}
    [one] {" "}et un autre trait
   *[other] {" "}et { $others } autres traits
}. Complétez-la dans votre logiciel.

patient-ins-fictive = Identité fictive (INS de test ou de démonstration).
patient-ins-key-doubtful = Les deux derniers chiffres du matricule INS ne correspondent pas. C'est fréquent pour une identité de test ; pour une identité réelle, ce serait refusé.
patient-without-ins = Sans matricule INS : vérifiez l'identité avec le patient.
patient-birth-place-missing = Lieu de naissance absent : il sera demandé pour verser au dossier partagé.
