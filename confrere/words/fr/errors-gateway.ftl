# La passerelle de courrier : ce qui est refusé.

error-mail-login-wrong = Identifiant ou mot de passe d'application incorrect.
error-mail-login-throttled = Trop d'essais. Réessayez dans { $seconds } secondes.
error-mail-login-revoked = Ce mot de passe d'application a été retiré. Demandez-en un autre (« confrere gateway password »).
error-mail-password-name = Donnez un nom à ce mot de passe d'application, { $limit } caractères au plus (« Thunderbird du cabinet »).
error-mail-password-unknown = Aucun mot de passe d'application ne porte ce nom.
error-mail-passwords-too-many = Il y a déjà { $limit } mots de passe d'application. Retirez d'abord ceux qui ne servent plus.
error-mail-folder-unknown = Ce dossier n'existe pas.
error-mail-folder-exists = Un dossier porte déjà ce nom.
error-mail-folder-fixed = Ce dossier ne peut être ni renommé ni supprimé.
error-mail-folder-name = Ce nom de dossier n'est pas possible.
error-mail-too-large = Ce message est trop grand : { $limit } octets au plus. Envoyez les fichiers en plusieurs messages.
error-mail-store-full = Le disque est plein : rien n'a été enregistré. Libérez de la place, puis recommencez.
error-mail-store-damaged = Le courrier gardé sur ce poste est endommagé. Lancez « confrere gateway doctor ».
error-mail-store-newer = Le courrier de ce poste vient d'une version plus récente. Mettez Confrère à jour.
error-mail-malformed = Ce message ne se lit pas ({ $clause }) : il n'a pas été envoyé.
error-mail-from-other = Vous ne pouvez pas écrire avec cette adresse d'expéditeur. Choisissez la vôtre.
error-mail-loop = Ce message est déjà passé par ici : il n'est pas envoyé une autre fois.
error-mail-recipients-too-many = Trop de destinataires : { $limit } au plus.
error-mail-thread-ended = Vous ne pouvez plus écrire dans cet échange. Écrivez un nouveau message.
error-certificate-unreadable = Le fichier d’identité de la passerelle ou celui qui l’accompagne ne se lit pas. Vérifiez les deux chemins donnés.
error-certificate-expired = L’identité de la passerelle a expiré le { $date }. Remplacez-la, puis relancez la passerelle.
error-gateway-port-taken = Le port { $port } est déjà pris sur ce poste. Choisissez-en un autre, ou 0 pour un port libre.
error-autostart-unknown = Le démarrage automatique ne s'installe d'ici que sous Linux. Pour Windows et macOS, voyez docs/guide/mail.md.
error-mail-device-withdrawn = Ce poste a été retiré de vos appareils : rien n'en part plus. Inscrivez-le de nouveau (« confrere recover ») ou écrivez depuis un autre.
