# Le dossier partagé du patient, le consentement, l'alimentation.

error-record-unknown = Ce dossier n'est pas connu ici. « confrere record show » liste ceux que vous pouvez ouvrir.
