# Le service

serve-flag-data-help = dossier des données du service
serve-flag-port-help = port TCP ; 0 en prend un libre
serve-flag-host-help = interface d'écoute
serve-running = Le service répond sur { $url }. Ctrl-C l'arrête.
