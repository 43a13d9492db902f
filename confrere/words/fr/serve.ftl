# Le service

serve-flag-data-help = dossier des données du service
serve-flag-port-help = port TCP ; 0 en prend un libre
serve-flag-host-help = interface d'écoute
serve-running = Le service répond sur { $url }. Ctrl-C l'arrête.

landing-title = Un échange vous attend
landing-in-mail = Ouvrez votre logiciel de messagerie : l'échange s'y trouve, dans la boîte de réception.
landing-on-device = Sur un poste où Confrère est installé, cette commande le montre :
landing-nothing-here = Cette page ne sait ni qui vous êtes ni ce qui vous attend : un échange ne se lit que chez ceux à qui il est adressé.
