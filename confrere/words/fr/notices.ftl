# Les avis par courriel

error-notice-malformed = Cet avis ne peut pas partir : « { $field } » n'a pas la forme attendue.

verb-notices-help = règle les avis par courriel : adresse, rythme, heures de silence
verb-notices-bounce-help = (opérateur) note un avis revenu, lu sur l'entrée standard
verb-notices-bounces-help = (opérateur) liste les boîtes dont les avis n'arrivent pas

notices-flag-mailbox-help = boîte concernée, si ce n'est pas la vôtre
notices-flag-email-help = courriel ordinaire qui reçoit les avis ; ils disent qu'un échange attend, et rien d'autre
notices-flag-language-help = langue des avis
notices-flag-every-help = now : aussitôt ; hour : au plus un par heure ; day : au plus un par jour, le matin
notices-flag-quiet-help = heures sans avis, par exemple 20:00-07:30 ; none pour n'en avoir aucune
notices-flag-quiet-days-help = jours sans avis parmi mon,tue,wed,thu,fri,sat,sun ; none pour n'en avoir aucun
notices-flag-zone-help = fuseau horaire, par exemple Europe/Paris ou Indian/Reunion
notices-flag-confirm-help = l'adresse est bonne : reprendre après des avis revenus
notices-flag-off-help = ne plus envoyer d'avis
notices-flag-to-help = adresse à laquelle l'avis est revenu, si le serveur de courrier la donne

notices-wrong-email = --email attend l'adresse d'un courriel ordinaire
notices-wrong-quiet = --quiet attend deux heures différentes, par exemple 20:00-07:30, ou none
notices-wrong-quiet-days = --quiet-days attend des jours séparés par des virgules, par exemple sat,sun, ou none ; pas les sept
notices-wrong-zone = --zone attend un fuseau horaire connu du service, par exemple Europe/Paris

notices-none = Aucun avis par courriel pour { $mailbox }. Pour en recevoir : confrere notices --email COURRIEL
notices-go = Les avis pour { $mailbox } partent à { $email }.
notices-every-now = Aussitôt ; ce qui arrive en quelques minutes fait un seul avis.
notices-every-hour = Au plus un par heure.
notices-every-day = Au plus un par jour, le matin.
notices-quiet = Aucun de { $hours } ({ $zone }) ; ce qui arrive alors fait un seul avis ensuite.
notices-quiet-days = Aucun ces jours : { $days }.
notices-returned = Un avis par courriel n'a pas pu être remis le { $when } (code { $status }). Vérifiez l'adresse : confrere notices
notices-suspended = Les avis par courriel sont suspendus : les derniers n'ont pas pu être remis ({ $when }, code { $status }). Confirmez l'adresse (confrere notices --confirm) ou donnez-en une autre (--email).

notices-bounce-noted = Noté : cet avis n'est pas arrivé.
notices-bounce-nothing = Rien à noter : ce n'est pas le retour d'un avis.
notices-bounces-none = Aucun avis n'est revenu.
notices-bounces-line = { $mailbox } : code { $status }, { $count } fois, en dernier le { $when }
notices-bounces-suspended = { $mailbox } : code { $status }, { $count } fois, en dernier le { $when } ; suspendu jusqu'à ce que son titulaire confirme l'adresse

day-mon = lundi
day-tue = mardi
day-wed = mercredi
day-thu = jeudi
day-fri = vendredi
day-sat = samedi
day-sun = dimanche
