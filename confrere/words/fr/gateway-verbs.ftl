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
