# L'annuaire : ce qui ne va pas dans un numéro, une adresse ou un fichier importé, et ce qu'il faut faire.

error-rpps-invalid = Ce numéro RPPS n'est pas valide. Il compte onze chiffres ; vérifiez chacun d'eux.
error-finess-invalid = Ce numéro FINESS n'est pas valide. Il compte neuf caractères ; vérifiez chacun d'eux.
error-siren-invalid = Ce numéro SIREN n'est pas valide. Il compte neuf chiffres ; vérifiez chacun d'eux.
error-siret-invalid = Ce numéro SIRET n'est pas valide. Il compte quatorze chiffres ; vérifiez chacun d'eux.
error-address-invalid = Cette adresse n'est pas valide. Elle s'écrit en minuscules sans accent, sans « + », par exemple claire.fontaine@confrere.localhost.

error-extraction-unreadable = Le fichier { $name } ne peut pas être lu. Vérifiez son chemin et ses droits. L'annuaire en place est conservé.
error-extraction-no-header = Ce fichier ne commence pas par la ligne d'en-tête de l'extraction de l'Annuaire Santé. Importez le fichier « Personne_activite » décompressé, sans le modifier. L'annuaire en place est conservé.
error-extraction-column-missing = Il manque des colonnes obligatoires : { $columns }. Importez le fichier « Personne_activite » complet. L'annuaire en place est conservé.
error-extraction-column-twice = La colonne « { $column } » figure deux fois. Importez le fichier tel qu'il est publié. L'annuaire en place est conservé.
error-extraction-not-utf8 = La ligne { $line } n'est pas en UTF-8. Importez le fichier tel qu'il est publié, sans l'enregistrer depuis un tableur. L'annuaire en place est conservé.
error-extraction-unterminated = La dernière ligne est coupée : le téléchargement est sans doute incomplet. Téléchargez le fichier de nouveau. L'annuaire en place est conservé.
error-extraction-empty = Ce fichier ne contient aucune ligne utilisable. Téléchargez-le de nouveau. L'annuaire en place est conservé.
error-extraction-too-many-bad-lines = { $bad } lignes sur { $lines } ne peuvent pas être lues, plus de 1 % ; la première est la ligne { $line }. Téléchargez le fichier de nouveau. L'annuaire en place est conservé.
error-extraction-shrunk = Ce fichier compte { $rows } lignes, moins de 80 % des { $replaced } qu'il remplacerait. S'il est bien complet, recommencez avec --allow-shrink. L'annuaire en place est conservé.

error-annuaire-missing = Aucun annuaire n'est installé sur ce service. L'opérateur l'installe avec « confrere directory import ».
error-annuaire-outdated = L'annuaire installé ne peut pas être lu par cette version. Importez de nouveau une extraction avec « confrere directory import ».
error-annuaire-busy = Une autre importation est en cours dans ce dossier. Attendez qu'elle se termine, puis recommencez.

skipped-column-count = nombre de colonnes différent de celui de l'en-tête
skipped-line-too-long = ligne trop longue
skipped-identifier-type = type d'identifiant inconnu
skipped-rpps-key = numéro RPPS non valide
skipped-adeli-number = numéro ADELI non valide
skipped-name-missing = nom absent
