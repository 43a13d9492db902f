# The story that `make demo` plays.
story-imported = Directory imported: { $rows } rows, { $people } professionals (fictitious).
story-service = The service answers at { $url }.
story-enrolled = Mailbox opened: { $address }.
story-found = The GP finds { $name } ({ $reach }).
story-waiting = A request to a colleague who has not enrolled waits, closed, on its author's computer: "waiting for enrolment", practice telephone { $phone }.
story-referred = Referral sent: identity, question, a PDF of { $size } MB and a laboratory report.
story-mandates = The secretary holds logistics, the nurse the clinical part; neither what stays between doctors.
story-answered = Accepted, one more thing asked and given, answer read by the GP.
story-appointment = Appointment proposed by { $author } for { $mailbox }, without having seen the clinical file.
story-doctor-only = The remark between doctors is read by doctors only.
story-colleagues = Two colleagues added: one reads from now on, the other from the beginning.
story-late = The colleague has enrolled: what waited has left by itself.
story-urgent = At the highest urgency: the telephone, 15, and that Confrère does not replace a call.
story-notices = { $count } notices by e-mail, for example "{ $subject }": mailbox and action, nothing else.
story-no-memory = This system does not let the service's memory be read: it was not searched.
story-searched = Looked for subject, text, patient, file name and attachment in { $places } places ({ $size } MB: database, write-ahead log, files, logs, e-mails, memory): { $found ->
    [0] nothing found
   *[other] FOUND { $found } TIMES
  }.
story-control = Control: the same search finds { $found } of the { $markers } markers on the clinicians' papers and screens.
story-control-memory = Control: in the service's memory it does find an address that the service knows.
story-control-memory-blind = Control failed: an address that the service knows is not found in its memory.
story-leak = Leak: marker { $marker } in { $place }
story-total = Duration: { $seconds } s.
story-address = Address: { $url }; folder: { $folder }
story-stay = The service stays up; press Enter to end.
story-failed = The story stopped: { $scene }

story-machines = A bridge ({ $address }), a laboratory and an insurer: machines, enrolled by their establishment's number.
story-record = Record { $record } opened by the doctor for a patient without a device, with her sheet; “patient informed, does not oppose” in one action.
story-filing-waits = The answer is asked into the record after a preview; the identity is not qualified: it waits, and says what to do.
story-filed = Identity checked: what waited has gone by itself ({ $documents ->
    [one] one document
   *[other] { $documents } documents
}, the original signature attached); the receipt is in the exchange.
story-laboratory = The laboratory deposits three reports and reads nothing; { $analyses } analyses followed over time.
story-insurer = The insurer deposits reimbursements, and nothing else.
story-shared = The pneumologist reads, inside the exchange, the synthesis that he is shown; the access ends with the request.
story-page = One page per patient for the doctor: exchanges, answers, results, record.
story-claimed = The patient takes her record over with her sheet; the past follows by itself; her log has { $lines } lines.
story-masked = She adds a note and masks it: the doctor no longer sees it.
story-withdrawn = She withdraws: the next request fails (“{ $said }”), the next document is closed to the doctor.
