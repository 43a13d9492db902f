# A referral, from the question to the answer

error-clinical-body-malformed = This item cannot be read ({ $clause }). It is kept; ask its sender to update their software or to send it again.
error-referral-not-your-turn = This action is your correspondent's to take.
error-referral-illegal-transition = The referral has moved on: this action no longer has any effect. Read it again, then choose one of the actions offered.
error-referral-other-case = This item belongs to another referral: it has no effect here.
error-referral-settings-invalid = Setting to correct: { $setting }.
error-document-unsafe = This document was not attached: its content is not safe ({ $clause }).
error-document-other-patient = This document is another patient's: { $trait ->
    [ins] the INS number differs
    [birth-date] the birth date differs
    [birth-name] the birth name differs
    [sex] the sex differs
   *[other] the identity differs
}. It was not attached.
error-document-patient-unproven = This document does not say enough about whose it is. It was not attached; ask the laboratory for one with the INS.

referral-turn-yours = Your turn
referral-turn-theirs = Your correspondent's turn
referral-turn-nobody = Finished

referral-phase-unsent = Not sent yet
referral-phase-requested = Sent, not received yet
referral-phase-received = Received, to be examined
referral-phase-accepted = Accepted, answer expected
referral-phase-in-progress = In progress
referral-phase-info-awaited = More information asked for
referral-phase-slot-offered = Appointment proposed, to be confirmed
referral-phase-slot-wished = Appointment wished, to be confirmed
referral-phase-answered = Answered, for the requester to read and follow up
referral-phase-declined = Declined, to be sent elsewhere
referral-phase-closed = Closed
referral-phase-cancelled = Cancelled

referral-act-request = Referral sent
referral-act-receive = Referral received
referral-act-accept = Referral accepted
referral-act-decline = Referral declined
referral-act-start = Care begun
referral-act-ask = More information asked for
referral-act-provide = Information provided
referral-act-answer = Answer given
referral-act-note = Answer read, follow-up taken over
referral-act-cancel = Referral cancelled
referral-act-ask-again = New question
referral-act-appointment-proposed = Appointment proposed
referral-act-appointment-booked = Appointment booked
referral-act-appointment-cancelled = Appointment cancelled

referral-kind-referral-request = Referral
referral-kind-state-change = Progress
referral-kind-appointment = Appointment
referral-kind-question = Question
referral-kind-answer = Answer
referral-kind-remark = Remark between doctors

referral-field-patient = Patient
referral-field-urgency = Urgency
referral-field-state = Where it stands
referral-field-turn = Who acts next
referral-field-due = Answer expected on
referral-field-conclusion = Conclusion
referral-field-what-to-do = What to do
referral-field-by-when = By
referral-field-send-back-if = Send back if
referral-field-place = Place
referral-field-start = On
referral-field-reason = Reason

referral-reason-not-my-field = not my field
referral-reason-no-capacity = no capacity
referral-reason-absent = away
referral-reason-info-missing = not enough information
referral-reason-seen-elsewhere = seen elsewhere
referral-reason-no-longer-needed = no longer needed
referral-reason-sent-by-mistake = sent by mistake
referral-reason-other = another reason

urgency-routine = Routine
urgency-urgent = Soon
urgency-asap = Very soon
urgency-stat = Immediate
urgency-routine-expected = Answer expected within { $days } days.
urgency-urgent-expected = Answer expected within { $days } days.
urgency-asap-expected = Answer expected within { $hours } hours.
urgency-stat-expected = Answer expected within { $hours ->
    [one] one hour
   *[other] { $hours } hours
}.
urgency-call-first = Immediate urgency: first call your correspondent on { $telephone }, or { $emergency } if life is at stake. Confrère does not replace a call: a message may not be read in time.
urgency-call-first-no-telephone = Immediate urgency: first call your correspondent (the directory has no telephone), or { $emergency } if life is at stake. Confrère does not replace a call: a message may not be read in time.
