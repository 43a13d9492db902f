# Documents that go into a record: the letter as PDF, its check, and what stands beside it.
error-pdf-content-missing = La lettre ne peut pas être faite : il manque { $part ->
    [title] le titre
    [author] l'auteur
    [patient] le nom du patient
   *[text] le texte
  }.
error-pdf-too-long = La lettre est trop longue (au plus { $limit } caractères). Joignez la suite comme pièce.
error-pdf-unreadable = Ce fichier n'est pas un PDF lisible, ou il est abîmé.
error-pdf-too-large = Ce PDF est trop gros pour être classé (au plus { $limit } octets).
error-pdf-protected = Ce PDF est protégé par un mot de passe : il ne peut pas être classé. Demandez-en une copie sans protection.
error-pdf-active = Ce PDF contient un programme ou une action automatique : il ne peut pas être classé.
error-pdf-not-archivable = Ce PDF n'est pas fait pour être conservé (PDF/A-1b, règle { $rule }). Il reste joint à l'échange ; une lettre d'accompagnement peut être classée à sa place.
error-document-reference-malformed = La fiche d'un document est mal formée ({ $clause }).
error-observation-malformed = Un résultat de laboratoire est mal formé ({ $clause }).
error-reimbursement-malformed = Un remboursement est mal formé ({ $clause }).
