# The directory: what is wrong with a number, an address or an imported file, and what to do.

error-rpps-invalid = This RPPS number is not valid. It has eleven digits; check each of them.
error-finess-invalid = This FINESS number is not valid. It has nine characters; check each of them.
error-siren-invalid = This SIREN number is not valid. It has nine digits; check each of them.
error-siret-invalid = This SIRET number is not valid. It has fourteen digits; check each of them.
error-address-invalid = This address is not valid. Write it in lower case without accents and without "+", for example claire.fontaine@confrere.localhost.

error-extraction-unreadable = The file { $name } cannot be read. Check its path and permissions. The directory in place is kept.
error-extraction-no-header = This file does not begin with the header line of the Annuaire Santé extraction. Import the unzipped "Personne_activite" file without changing it. The directory in place is kept.
error-extraction-column-missing = Required columns are missing: { $columns }. Import the complete "Personne_activite" file. The directory in place is kept.
error-extraction-column-twice = The column "{ $column }" is there twice. Import the file as it is published. The directory in place is kept.
error-extraction-not-utf8 = Line { $line } is not UTF-8. Import the file as it is published, without saving it from a spreadsheet. The directory in place is kept.
error-extraction-unterminated = The last line is cut off: the download is probably incomplete. Download the file again. The directory in place is kept.
error-extraction-empty = This file has no usable line. Download it again. The directory in place is kept.
error-extraction-too-many-bad-lines = { $bad } of { $lines } lines cannot be read, more than 1 %; the first is line { $line }. Download the file again. The directory in place is kept.
error-extraction-shrunk = This file has { $rows } lines, under 80 % of the { $replaced } that it would replace. If it is complete, try again with --allow-shrink. The directory in place is kept.

error-annuaire-missing = No directory is installed on this service. The operator installs one with "confrere directory import".
error-annuaire-outdated = The installed directory cannot be read by this version. Import an extraction again with "confrere directory import".
error-annuaire-busy = Another import is under way in this folder. Wait until it ends, then try again.

skipped-column-count = another number of columns than the header
skipped-line-too-long = line too long
skipped-identifier-type = unknown type of identifier
skipped-rpps-key = RPPS number not valid
skipped-adeli-number = ADELI number not valid
skipped-name-missing = name missing
