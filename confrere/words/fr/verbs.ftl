# Les commandes d'un soignant : leurs options, ce qu'elles répondent, et leurs refus.

colon = {" "}:

verb-note-help = prend acte de la réponse et reprend le suivi
verb-cancel-help = annule une demande que vous avez envoyée, ou reprend ce qui attend encore
verb-remark-help = écrit une remarque entre médecins
verb-add-help = ajoute un confrère à un échange
verb-delegate-list-help = liste les personnes à qui la boîte est confiée

# --- options ---

flag-profile-help = dossier du profil (ou CONFRERE_PROFILE)
flag-passphrase-file-help = fichier dont la première ligne est la phrase secrète (ou CONFRERE_PASSPHRASE)
flag-server-help = adresse du service
flag-code-help = code ; « - » pour l'entrée standard, pour qu'il n'apparaisse pas dans la liste des processus
flag-code-file-help = fichier qui contient le code
flag-sheet-help = écrit aussi la fiche de secours à imprimer dans ce fichier HTML
flag-text-help = le texte lui-même
flag-body-help = fichier du texte, « - » pour l'entrée standard
flag-attach-help = pièce jointe, autant de fois que nécessaire
flag-thread-help = l'échange, par le début de sa référence (quatre caractères au moins)
flag-reason-help = motif, visible du secrétariat
enroll-flag-invitation-help = fichier d'invitation d'un patient, au lieu du code
enroll-flag-notify-help = courriel qui reçoit un avis sans contenu quand quelque chose attend
send-flag-to-help = destinataire : adresse, numéro RPPS ou nom ; autant de fois que nécessaire
send-flag-thread-help = répond dans cet échange
send-flag-subject-help = objet, chiffré comme le texte
send-flag-mailbox-help = boîte au nom de laquelle le message part (la vôtre par défaut)
show-flag-quotes-help = montre aussi ce que les réponses venues d'un logiciel de messagerie citent
show-quoted = { $lines ->
    [one] une ligne citée
   *[other] { $lines } lignes citées
 } : --quotes les montre
show-flag-save-help = enregistre les pièces jointes dans ce dossier
refer-flag-to-help = confrère : adresse, numéro RPPS ou nom
refer-flag-patient-help = identité : fichier FHIR Patient, datamatrix INS (fichier ou texte), « - » pour l'entrée standard
refer-flag-question-help = fichier de la question, « - » pour l'entrée standard
refer-flag-urgency-help = urgence : routine (habituelle), urgent (rapide), asap (très rapide), stat (immédiate)
refer-flag-yes-help = envoie une urgence immédiate sans demander confirmation
decline-flag-text-help = explication, lue par le demandeur seulement
appointment-flag-start-help = début, à l'heure de cette machine sauf décalage indiqué
appointment-flag-minutes-help = durée en minutes (30 par défaut)
appointment-flag-place-help = lieu
appointment-flag-book-help = fixe le rendez-vous ; sans --start, celui qui est proposé
appointment-flag-cancel-help = annule le rendez-vous
add-flag-to-help = confrère à ajouter : adresse, numéro RPPS ou nom
add-flag-history-help = lui montre aussi ce qui précède (sinon, à partir de maintenant)
add-flag-read-only-help = il lit sans écrire
delegate-flag-to-help = personne ou structure à qui confier la boîte
delegate-flag-address-help = personne à qui retirer l'accès
delegate-flag-mailbox-help = boîte concernée (la vôtre par défaut)
delegate-flag-rights-help = droits, séparés par des virgules : read (lire), send (écrire en son nom), manage (gérer les accès)
delegate-flag-until-help = dernier jour
delegate-flag-from-now-on-help = sans montrer ce qui précède
devices-flag-id-help = l'appareil, par le début de sa référence (quatre caractères au moins)
recover-flag-confirm-help = confirme que la fiche de secours est rangée, en recopiant son code (« - » pour l'entrée standard)
recover-flag-sheet-help = imprime de nouveau la fiche dans ce fichier HTML (« - » pour l'afficher), tant qu'elle n'est pas confirmée
export-flag-thread-help = l'échange, par le début de sa référence ; rien avec --verify
export-flag-to-help = nouveau dossier où exporter
export-flag-verify-help = vérifie un dossier exporté, sans profil ni réseau

# --- questions et manques ---

passphrase-prompt = Phrase secrète :
passphrase-prompt-new = Choisissez une phrase secrète :
passphrase-prompt-again = Encore une fois :
code-prompt = Code :
code-missing = il manque le code : --code, --code-file ou « --code - »
text-missing = il manque le texte
send-subject-missing = il manque l'objet (--subject)
appointment-incomplete = il manque la date du rendez-vous (--start), ou sa durée ne convient pas (--minutes, de 1 à 1440)
recover-one-of = indiquez l'un des trois : --server URL avec le code, --confirm CODE, ou --sheet FILE
export-one-of = indiquez l'échange et --to DIR, ou --verify DIR
refer-confirm = Envoyer quand même ? (oui/non)

# --- réponses ---

progress-sending = Envoi
offline-note = Le service n'est pas joignable : voici ce que cet appareil avait déjà reçu.
not-publicly-verified = Identités : vérifiées par l'exploitant, pas encore vérifiables publiquement.
author-unproven = auteur dont l'identité n'est pas prouvée
subject-none = (sans objet)
event-message = Message
event-unknown = Élément d'une version plus récente
event-newer = Cet élément vient d'une version plus récente. Mettez Confrère à jour pour le lire.
event-unreadable = Cet élément ne se lit pas. Demandez à son auteur de le renvoyer.

exchange-received = Reçu
exchange-sent = Envoyé
exchange-delivered = Remis
exchange-read = Lu par le destinataire
exchange-waiting = En attente de connexion
exchange-waiting-enrolment = En attente d'inscription du destinataire
exchange-refused-state = Refusé
exchange-refused = { $count ->
    [one] Un élément n'a pas pu être vérifié et n'est pas affiché.
   *[other] { $count } éléments n'ont pas pu être vérifiés et ne sont pas affichés.
}
exchange-unsent = { $count ->
    [one] Un élément attend d'être envoyé.
   *[other] { $count } éléments attendent d'être envoyés.
}
exchange-overdue = en retard

notice-gap = Quelque chose manque juste avant : rien n'a été reçu à cette place.
notice-chain-broken = Le service a montré deux versions de cet échange. Appelez votre confrère.
notice-counter-repeated = Envoyé deux fois à la même place : l'appareil de l'auteur a peut-être été copié ou restauré.
notice-counter-gap = Un envoi antérieur de cet appareil n'a jamais été reçu ici.
notice-stale-epoch = Envoyé alors que les participants venaient de changer.
notice-split-view = L'auteur voyait une autre version de cet échange. Appelez-le.
notice-duplicate-intent = Reçu deux fois, affiché une fois.
notice-body-malformed = Contenu illisible.

send-done = Envoyé, chiffré pour { $names } et son secrétariat habilité. Échange { $thread }
send-replied = Envoyé dans l'échange { $thread }
send-waiting = En attente : le message est gardé sur cet appareil et partira à la prochaine commande. Échange { $thread }
send-waiting-enrolment = En attente d'inscription de { $names } : le message est gardé, chiffré, sur cet appareil et partira de lui-même. Échange { $thread }
send-phone = Téléphone du cabinet : { $phone }

inbox-empty = Rien pour le moment.
inbox-unread = { $count ->
    [one] un non lu
   *[other] { $count } non lus
}
inbox-to = pour { $names }
inbox-failures = { $count ->
    [one] Un envoi reçu n'a pas pu être vérifié. Il est gardé de côté et ne s'affiche pas.
   *[other] { $count } envois reçus n'ont pas pu être vérifiés. Ils sont gardés de côté et ne s'affichent pas.
}
show-readers = Chiffré pour { $names }, et pour le secrétariat que chacun a habilité.

refer-done = Demande envoyée, chiffrée pour { $names } et son secrétariat habilité. Échange { $thread }
accept-done = Demande acceptée. Échange { $thread }
decline-done = Demande refusée. Échange { $thread }
ask-done = Question posée ; c'est à votre correspondant. Échange { $thread }
answer-done = Réponse envoyée. Échange { $thread }
note-done = Réponse lue, vous reprenez le suivi. Échange { $thread }
cancel-done = Demande annulée. Échange { $thread }
cancel-withdrawn = Retiré : rien n'est parti et rien ne partira.
appointment-done-proposed = Rendez-vous proposé. Échange { $thread }
appointment-done-booked = Rendez-vous fixé. Échange { $thread }
appointment-done-cancelled = Rendez-vous annulé. Échange { $thread }
remark-done = Remarque envoyée, entre médecins seulement. Échange { $thread }
add-done-now = { $name } participe à partir de maintenant.
add-done-history = { $name } participe et voit aussi ce qui précède.

enroll-done = Bienvenue { $name }. Votre adresse : { $address }
enroll-done-depositor = Bienvenue { $name }. Ce compte dépose et ne lit rien. Ensuite : confrere deposit
enroll-done-patient = Vous êtes inscrit. Pour ouvrir votre dossier : confrere record open
enroll-notify-failed = L'inscription est faite, mais les avis par courriel n'ont pas pu être réglés.
sheet-written = Fiche de secours écrite dans { $file }. Imprimez-la, puis supprimez le fichier.
recovery-reminder = Pensez à ranger votre fiche de secours, puis confirmez-la : confrere recover --confirm CODE
recover-done-account = Compte rouvert sur cet appareil.
recover-done = Boîte rouverte : { $name }, { $address }
recover-confirmed = Fiche de secours confirmée. Le code n'est plus gardé sur cet appareil.

whoami-proof = Identité : code de l'exploitant (preuve plus faible qu'une connexion par carte ou application professionnelle).
whoami-recovery-confirmed = Fiche de secours : confirmée.
whoami-recovery-open = Fiche de secours : pas encore confirmée (confrere recover --confirm CODE).
whoami-mailboxes = Boîtes :
class-logistics = logistique
class-clinical = médical
class-doctor-only = entre médecins

device-kind-paper = fiche de secours
device-kind-other = appareil
device-since = depuis le { $time }
device-until = retiré le { $time }
device-this = celui-ci
devices-revoked = Appareil { $id } retiré : il ne lira rien de nouveau.

delegate-granted = { $name } travaille maintenant pour { $mailbox } : { $classes }.
delegate-revoked = { $name } ne travaille plus pour { $mailbox }. Ce qui a été lu reste lu.
delegate-none = Cette boîte n'est confiée à personne.
delegate-until = jusqu'au { $time }

export-done = { $count ->
    [one] Un élément exporté dans { $folder }.
   *[other] { $count } éléments exportés dans { $folder }.
}
export-verified = { $count ->
    [one] Un élément vérifié dans { $folder } : auteur, date et contenu concordent.
   *[other] { $count } éléments vérifiés dans { $folder } : auteurs, dates et contenus concordent.
}
export-compare = Comparez ces deux références avec celles que vous connaissez du service : elles viennent du dossier lui-même.
export-service-reference = Service : { $reference }
export-registrar-reference = Inscriptions : { $reference }

# --- refus ---

error-passphrase-differs = Les deux saisies diffèrent. Recommencez.
error-file-not-text = { $file } n'est pas un texte en UTF-8. Joignez-le avec --attach.
error-file-too-long = { $file } dépasse { $limit } octets. Joignez-le avec --attach.
error-file-unwritable = { $file } ne peut pas être écrit. Vérifiez le chemin et les droits.
error-folder-in-use = { $folder } contient déjà quelque chose. Choisissez un nouveau dossier.
error-action-unreachable = Le service n'est pas joignable : rien n'a été changé. Recommencez plus tard.
error-not-confirmed = Rien n'a été envoyé.
error-attachment-refused = Ces pièces jointes n'ont pas pu être vérifiées et n'ont pas été enregistrées : { $names }. Demandez à leur auteur de les renvoyer.
error-export-wrong = Ce dossier exporté ne concorde pas : { $what }. N'en tirez aucune preuve.
error-recipient-unknown = Ce destinataire est inconnu. Vérifiez l'adresse, ou cherchez-le avec « confrere directory search ».
error-recipient-ambiguous = Plusieurs professionnels correspondent. Précisez avec l'adresse ou le numéro RPPS : { $candidates }
error-recipient-closed = La boîte de ce destinataire est fermée. Rien n'a été envoyé.
error-recipient-unproven = L'identité de ce destinataire n'a pas pu être prouvée. Rien n'a été envoyé ; prévenez l'exploitant.
error-recipient-not-enrolled = Ce professionnel n'est pas encore inscrit. Écrivez-lui d'abord : une demande attend son inscription.
error-epoch-conflict-persists = L'échange change sans cesse. Ce qui devait partir attend ; recommencez dans un instant.
error-attachment-unreadable = Une pièce jointe ne peut pas être lue. Vérifiez le chemin et les droits.
error-attachment-too-large = Une pièce jointe dépasse la taille permise ({ $limit } octets).
error-attachment-changed = Un fichier a changé pendant sa lecture. Recommencez quand il est enregistré.
error-spool-damaged = Une pièce jointe en attente a été abîmée sur cet appareil. Envoyez-la de nouveau.
error-message-malformed = L'objet tient sur une ligne, en 500 caractères au plus ; l'objet et le texte sont en UTF-8.
error-server-url-wrong = Cette adresse de service ne convient pas : elle commence par https:// (http:// sur cette machine seulement).
error-recovery-not-confirmed = Ce n'est pas le code de votre fiche de secours. Vérifiez chaque groupe de caractères.
error-recovery-unknown = Cette fiche de secours n'ouvre rien ici : son code est inconnu du service, ou la fiche est déjà confirmée.
error-thread-ambiguous = Plusieurs échanges commencent ainsi. Donnez plus de caractères de la référence.
error-thread-read-only = Vous lisez cet échange sans pouvoir y écrire.
error-thread-is-no-referral = Cet échange n'est pas une demande d'avis. Répondez avec « confrere send --thread ».
error-mandate-repeated = Cette personne travaille déjà pour cette boîte. Retirez-lui d'abord l'accès pour le changer.
error-mandate-unknown = Cette personne ne travaille pas pour cette boîte.
error-device-not-found = Aucun appareil en service ne commence ainsi. Voyez « confrere devices list ».
error-device-is-this-one = C'est l'appareil que vous utilisez. Retirez-le depuis un autre appareil.

# watch
watch-flag-once-help = se termine à la première arrivée
watch-json-once = avec --json, watch demande --once
watch-started = En attente ; Ctrl-C pour terminer.
