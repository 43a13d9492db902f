# Le médecin de la passerelle : ce qu'il trouve, et ce qu'il faut faire.

verb-gateway-doctor-help = Dit ce qui ne va pas avec la passerelle, et ce qu'il faut faire
gateway-doctor-well = Rien n'empêche le courrier de passer.
gateway-doctor-wrong = À corriger : { $count }.

gateway-doctor-gateway-running = La passerelle tourne (processus { $process }).
gateway-doctor-gateway-stopped = La passerelle ne tourne pas : aucun logiciel ne peut se connecter. Lancez « confrere gateway », ou installez le démarrage automatique : « confrere gateway setup --install ».
gateway-doctor-profile-locked = Le profil est utilisé par un autre programme ({ $command }, processus { $process }) : la passerelle ne peut pas l'ouvrir. Attendez qu'il finisse, ou arrêtez-le.
gateway-doctor-profile-free = Personne d'autre n'utilise le profil.
gateway-doctor-profile-unreadable = Le profil ne s'ouvre pas ({ $failure }). Restaurez-le depuis votre sauvegarde, ou retrouvez la boîte avec la fiche de secours : « confrere recover ».
gateway-doctor-door-well = { $door } : le port { $port } répond comme il faut.
gateway-doctor-door-closed = { $door } : le port { $port } ne répond pas. Relancez la passerelle ; un pare-feu ou un antivirus peut aussi le fermer.
gateway-doctor-door-other = { $door } : sur le port { $port } répond autre chose que cette passerelle. Un antivirus qui inspecte le courrier fait cela : excluez ce port, ou changez-le dans client.toml.
gateway-doctor-identity-well = L'identité de la passerelle vaut jusqu'au { $date }.
gateway-doctor-identity-missing = La passerelle n'a pas encore d'identité à côté de ce profil : elle la crée en démarrant.
gateway-doctor-identity-unreadable = Le fichier d'identité { $file } ne se lit pas. Restaurez-le ; si vous le supprimez, chaque logiciel devra importer la nouvelle identité.
gateway-doctor-identity-ends = L'identité de la passerelle se termine le { $date }. La sienne se renouvelle seule ; une identité fournie doit être remplacée.
gateway-doctor-identity-ended = L'identité de la passerelle s'est terminée le { $date } : les logiciels la refusent. Relancez la passerelle, ou remplacez l'identité fournie.
gateway-doctor-identity-names = L'identité ne vaut pas pour le nom « { $name } ». Relancez la passerelle : elle la refait ; une identité fournie doit être remplacée.
gateway-doctor-service-well = Le service { $server } répond.
gateway-doctor-service-unreachable = Le service { $server } ne répond pas. Ce qui est envoyé attend et partira de lui-même ; vérifiez la connexion à Internet.
gateway-doctor-service-failing = Le service répond, mais refuse ({ $failure }). Si cela dure, prévenez qui l'exploite.
gateway-doctor-service-unknown = Sans la phrase de passe, le service et cet appareil n'ont pas été vérifiés.
gateway-doctor-clock-well = L'horloge de ce poste est juste.
gateway-doctor-clock-wrong = L'horloge de ce poste diffère de celle du service de { $seconds } secondes. Activez l'heure automatique.
gateway-doctor-device-well = Cet appareil peut se connecter au service.
gateway-doctor-device-refused = Le service refuse cet appareil : il a été retiré, ou le compte est fermé. Depuis un autre appareil : « confrere devices list » ; sinon la fiche de secours : « confrere recover ».
gateway-doctor-mails-waiting = { $count } message(s) en attente de départ, depuis le { $since }.
gateway-doctor-mails-late = { $count } message(s) en attente de départ depuis le { $since } : plus de quatre heures. Vérifiez ce qui est dit du service plus haut.
gateway-doctor-mails-failed = { $count } message(s) ne partiront pas. Leurs auteurs en ont été prévenus dans leur boîte.
gateway-doctor-mails-none-waiting = Aucun message en attente de départ.
gateway-doctor-disk-well = Assez de place sur le disque ({ $mebibytes } Mio).
gateway-doctor-disk-low = Il reste peu de place sur le disque ({ $mebibytes } Mio). Libérez-en.
gateway-doctor-disk-full = Le disque est presque plein ({ $mebibytes } Mio) : bientôt rien ne sera plus accepté. Libérez de la place.
gateway-doctor-mail-well = Le courrier gardé ici est entier.
gateway-doctor-mail-missing = Aucun courrier n'est encore gardé ici : la passerelle crée la boîte en démarrant.
gateway-doctor-mail-older = Le courrier gardé ici date d'une version plus ancienne : la passerelle le met à jour en démarrant, sans que les logiciels aient à le retélécharger.
gateway-doctor-mail-newer = Le courrier gardé ici vient d'une version plus récente. Mettez Confrère à jour.
gateway-doctor-mail-damaged = Le courrier gardé ici est endommagé. Arrêtez la passerelle, restaurez mail.db depuis votre sauvegarde ; sans sauvegarde, mettez ce fichier de côté : les messages échangés reviennent, mais ni les brouillons, ni vos dossiers, ni les mots de passe d'application.
gateway-doctor-passwords-none = Aucun mot de passe d'application : aucun logiciel ne peut se connecter. Donnez-en un : « confrere gateway password ».
gateway-doctor-password-unused = Le mot de passe d'application « { $name } » n'a jamais servi. S'il ne doit pas servir, retirez-le : « confrere gateway passwords --remove ».
gateway-doctor-passwords-unknown = Les mots de passe d'application n'ont pas été regardés : il faut la phrase de passe.
gateway-doctor-passphrase-wrong = La phrase de passe n'est pas celle de ce profil. Si la passerelle la lit dans un fichier, corrigez ce fichier.
gateway-doctor-program-seen = Un logiciel s'est connecté, la dernière fois vers le { $at }.
gateway-doctor-program-never = Aucun logiciel ne s'est jamais connecté. La page de la passerelle aide à en relier un.
gateway-doctor-folder-well = Seul votre compte lit les fichiers du profil.
gateway-doctor-folder-open = D'autres comptes de ce poste peuvent lire { $file }. Corrigez : chmod go= sur ce fichier ou dossier.
