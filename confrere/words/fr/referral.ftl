# Une demande d'avis, de la question à la réponse

error-clinical-body-malformed = Cet élément ne se lit pas ({ $clause }). Il est conservé ; demandez à l'expéditeur de mettre à jour son logiciel ou de le renvoyer.
error-referral-not-your-turn = Cette action revient à votre correspondant.
error-referral-illegal-transition = La demande a avancé entre-temps : cette action n'a plus d'effet. Relisez-la, puis choisissez une des actions proposées.
error-referral-other-case = Cet élément appartient à une autre demande : il n'a pas d'effet ici.
error-referral-settings-invalid = Réglage à corriger : { $setting }.
error-document-unsafe = Ce document n'a pas été joint : son contenu n'est pas sûr ({ $clause }).
error-document-other-patient = Ce document est celui d'un autre patient : { $trait ->
    [ins] le matricule INS diffère
    [birth-date] la date de naissance diffère
    [birth-name] le nom de naissance diffère
    [sex] le sexe diffère
   *[other] l'identité diffère
}. Il n'a pas été joint.
error-document-patient-unproven = Ce document ne dit pas assez de qui il est. Il n'a pas été joint ; demandez au laboratoire un document avec l'INS.

referral-turn-yours = À vous
referral-turn-theirs = À votre correspondant
referral-turn-nobody = Terminé

referral-phase-unsent = Pas encore envoyée
referral-phase-requested = Envoyée, pas encore reçue
referral-phase-received = Reçue, à examiner
referral-phase-accepted = Acceptée, réponse attendue
referral-phase-in-progress = En cours
referral-phase-info-awaited = Complément demandé
referral-phase-slot-offered = Rendez-vous proposé, à confirmer
referral-phase-slot-wished = Rendez-vous souhaité, à confirmer
referral-phase-answered = Réponse donnée, à lire et à suivre par le demandeur
referral-phase-declined = Déclinée, à réorienter
referral-phase-closed = Close
referral-phase-cancelled = Annulée

referral-act-request = Demande envoyée
referral-act-receive = Demande reçue
referral-act-accept = Demande acceptée
referral-act-decline = Demande déclinée
referral-act-start = Prise en charge commencée
referral-act-ask = Complément demandé
referral-act-provide = Complément fourni
referral-act-answer = Réponse donnée
referral-act-note = Réponse lue, suite reprise
referral-act-cancel = Demande annulée
referral-act-ask-again = Nouvelle question
referral-act-appointment-proposed = Rendez-vous proposé
referral-act-appointment-booked = Rendez-vous fixé
referral-act-appointment-cancelled = Rendez-vous annulé

referral-kind-referral-request = Demande d'avis
referral-kind-state-change = Avancement
referral-kind-appointment = Rendez-vous
referral-kind-question = Question
referral-kind-answer = Réponse
referral-kind-remark = Remarque entre médecins

referral-field-patient = Patient
referral-field-urgency = Urgence
referral-field-state = Où en est la demande
referral-field-turn = À qui d'agir
referral-field-due = Réponse attendue le
referral-field-conclusion = Conclusion
referral-field-what-to-do = Conduite à tenir
referral-field-by-when = Pour le
referral-field-send-back-if = Me réadresser si
referral-field-place = Lieu
referral-field-start = Le
referral-field-reason = Motif

referral-reason-not-my-field = hors de ma spécialité
referral-reason-no-capacity = pas de disponibilité
referral-reason-absent = absence
referral-reason-info-missing = éléments insuffisants
referral-reason-seen-elsewhere = patient vu ailleurs
referral-reason-no-longer-needed = avis devenu inutile
referral-reason-sent-by-mistake = envoyée par erreur
referral-reason-other = autre motif

urgency-routine = Habituelle
urgency-urgent = Rapide
urgency-asap = Très rapide
urgency-stat = Immédiate
urgency-routine-expected = Réponse attendue sous { $days } jours.
urgency-urgent-expected = Réponse attendue sous { $days } jours.
urgency-asap-expected = Réponse attendue sous { $hours } heures.
urgency-stat-expected = Réponse attendue sous { $hours ->
    [one] une heure
   *[other] { $hours } heures
}.
urgency-call-first = Urgence immédiate : appelez d'abord votre correspondant au { $telephone }, ou le { $emergency } si la vie est en jeu. Confrère ne remplace pas un appel : un message peut ne pas être lu à temps.
urgency-call-first-no-telephone = Urgence immédiate : appelez d'abord votre correspondant (son téléphone n'est pas dans l'annuaire), ou le { $emergency } si la vie est en jeu. Confrère ne remplace pas un appel : un message peut ne pas être lu à temps.
