# La passerelle de courrier : ses commandes.

verb-gateway-help = Sert le courrier de boîtes aux lettres à des logiciels de messagerie ordinaires, sur ce poste
verb-gateway-password-help = Donne un mot de passe d'application à un logiciel de messagerie, montré une seule fois
verb-gateway-passwords-help = Montre les mots de passe d'application d'une boîte, ou en retire un
gateway-flag-profile-help = Profil à servir ; peut être répété. Tous s'ouvrent avec la même phrase de passe
gateway-flag-smtp-help = Port pour envoyer (0 : un port libre)
gateway-flag-imap-help = Port pour lire, dossiers gardés ici (0 : un port libre)
gateway-flag-pop3-help = Port pour relever (0 : un port libre)
gateway-flag-setup-help = Port de la page qui aide à relier un logiciel (0 : un port libre)
gateway-flag-host-help = Interface d'écoute ; par défaut ce poste seulement
gateway-running = La passerelle est prête pour { $addresses }. Envoi : port { $smtp }. Lecture : IMAP port { $imap } ou POP3 port { $pop3 }. Pour relier un logiciel : http://localhost:{ $setup }/
gateway-flag-name-help = Le logiciel ou le poste à qui ce mot de passe est donné, par exemple « Thunderbird du cabinet »
gateway-flag-remove-help = Retire le mot de passe de ce nom ; le logiciel qui l'utilise est déconnecté
gateway-password =
    Identifiant : { $user }
    Mot de passe : { $password }
    Il n'est montré qu'une fois. Un autre logiciel ou une autre personne : un autre mot de passe.
gateway-password-removed = Le mot de passe « { $name } » est retiré.
gateway-passwords-none = Aucun mot de passe d'application.
gateway-password-line = { $name } : créé le { $created }, dernière connexion { $used }
gateway-password-never = jamais

verb-gateway-setup-help = Prépare tout pour un premier logiciel de messagerie : mot de passe d'application, réglages, démarrage automatique
gateway-flag-install-help = Installe le démarrage automatique pour cet utilisateur (Linux), avec la phrase de passe dans un fichier que lui seul lit
gateway-setup-program = Logiciel de messagerie
gateway-setup-ask-program = Quel logiciel de messagerie ? [{ $usual }]
gateway-setup-servers =
    Pour recevoir : serveur { $host }, IMAP, port { $imap }, SSL/TLS (ou POP3, port { $pop3 })
    Pour envoyer : serveur { $host }, SMTP, port { $smtp }, SSL/TLS
    Un port 0 est choisi par la passerelle quand elle démarre.
gateway-setup-page = Une seule adresse à retenir, une fois la passerelle lancée : { $page } (elle montre ces réglages et le fichier d'identité, pas à pas).
gateway-setup-page-later = Une fois lancée, la passerelle dit l'adresse de la page qui montre ces réglages pas à pas.
gateway-setup-installed =
    Démarrage automatique écrit : { $unit }
    La phrase de passe est dans { $kept }, que seul votre compte peut lire. Qui prend ce poste déverrouillé, ou un disque non chiffré, peut la lire aussi : voir docs/guide/mail.md.
    Pour le mettre en route : systemctl --user daemon-reload && systemctl --user enable --now confrere-gateway
    Pour qu'il parte aussi sans ouverture de session : loginctl enable-linger
gateway-setup-open = Attention : d'autres comptes de ce poste peuvent lire { $file }. Corrigez : chmod 600.
gateway-setup-unit = Démarrage automatique sous Linux : relancez avec « --install », ou placez vous-même ceci dans ~/.config/systemd/user/confrere-gateway.service. Windows et macOS : docs/guide/mail.md.

# Les dossiers que toute boîte possède.
folder-sent = Envoyés
folder-drafts = Brouillons
folder-trash = Corbeille
folder-archive = Archives
folder-junk = Indésirables
folder-referrals = Adressages
folder-received = Reçus
folder-sent-referrals = Envoyés

mail-failed-unknown = Le service l'a refusé.
gateway-bringing-in = { $address } : courrier apporté
