# La ligne de commande : le cadre, l'aide d'une ligne de chaque verbe, et ses refus.

confrere-help = Messages et demandes d'avis entre soignants, chiffrés de bout en bout.
verbs-title = commandes
verbs-metavar = COMMANDE
verb-missing = il manque une commande
flags-title = options communes
flag-lang-help = langue des réponses
flag-json-help = un document JSON sur la sortie standard, et rien d'autre
flag-verbose-help = détails techniques d'une erreur, sans contenu
flag-config-help = dossier des réglages
flag-version-help = affiche la version

verb-serve-help = lance le service
verb-check-config-help = vérifie les fichiers de réglages
verb-directory-help = annuaire des professionnels
verb-directory-import-help = importe une extraction de l'Annuaire Santé
verb-directory-search-help = cherche un professionnel par nom, spécialité et lieu
verb-invite-help = délivre un code d'inscription
verb-enroll-help = inscrit une personne ou une structure avec son code
verb-whoami-help = dit qui utilise ce profil et à quelle adresse
verb-devices-help = appareils de la personne
verb-devices-list-help = liste les appareils
verb-devices-revoke-help = retire un appareil perdu ou remplacé
verb-recover-help = rouvre la messagerie avec la fiche de secours
verb-delegate-help = personnes qui travaillent pour cette boîte
verb-delegate-grant-help = confie la boîte à une personne, pour tout ou partie
verb-delegate-revoke-help = retire à une personne l'accès à la boîte
verb-send-help = envoie un message
verb-inbox-help = montre ce qui attend
verb-watch-help = attend l'arrivée d'un message et le montre
verb-show-help = montre un échange
verb-refer-help = demande l'avis d'un confrère sur un patient
verb-accept-help = accepte une demande
verb-decline-help = refuse une demande, avec un motif
verb-ask-help = demande une précision
verb-answer-help = répond à une demande
verb-appointment-help = propose un rendez-vous
verb-export-help = exporte un échange, lisible sans Confrère

check-config-done = Réglages corrects dans { $folder } : { $files }.

argparse-usage = utilisation :{" "}
argparse-positionals = arguments
argparse-options = options
argparse-help = affiche cette aide
argparse-required = il manque : %s
argparse-unrecognized = argument inconnu : %s
argparse-argument = argument %(argument_name)s : %(message)s
argparse-choice = %(value)r ne convient pas (au choix : %(choices)s)
argparse-value = %(value)r ne convient pas (attendu : %(type)s)
argparse-one = une valeur est attendue
argparse-some = au moins une valeur est attendue
argparse-explicit = valeur %r inattendue
argparse-exclusive = incompatible avec %s
argparse-one-of = il faut l'un de ces arguments : %s

error-usage =
    { $reason }
    Aide : { $command } --help
error-file-unreadable = Le fichier { $file } ne peut pas être lu. Vérifiez le chemin et les droits.
error-interrupted = Interrompu. Ce qui était confirmé l'est ; relancez la commande pour le reste.
error-internal =
    Erreur de notre part, incident { $incident }. Relancez la commande ; si cela se répète, transmettez ce numéro
    (--verbose ajoute des détails techniques, sans contenu).
error-passphrase-missing =
    Il manque la phrase secrète. Sans terminal, donnez-la par CONFRERE_PASSPHRASE ou par --passphrase-file.
error-passphrase-too-short = La phrase secrète doit compter au moins { $minimum } caractères.
error-profile-missing = Aucun profil dans ce dossier. Créez-le avec « confrere enroll ».
error-profile-exists = Ce dossier contient déjà un profil. Choisissez un autre dossier.
error-profile-locked = Une autre commande utilise ce profil. Réessayez quand elle a fini.
error-data-locked = Un service tourne déjà sur { $data }. Arrêtez-le d'abord, ou choisissez un autre dossier.
error-data-missing = { $data } ne contient pas de données du service. Lancez d'abord « confrere serve --data { $data } ».
error-address-in-use = { $host }:{ $port } est déjà pris. Choisissez un autre port avec --port.
