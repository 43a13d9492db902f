# The commands of a patient's record: their options, what they answer, the sheet for the patient.

verb-record-help = a patient's record
verb-record-open-help = opens a record, one's own or that of a patient without a device
verb-record-claim-help = takes over one's own record with the doctor's sheet
verb-record-show-help = shows a record, what matters first
verb-record-log-help = shows who read what, who deposited what, and on which agreement
verb-record-mask-help = masks an item to professionals, or shows it again
verb-record-add-help = adds a note to the record
verb-patient-help = everything about a patient, on one page

record-flag-record-help = the record: the beginning of its reference or of the patient's name (not needed if there is only one)
record-flag-item-help = the item, by the beginning of its reference (four characters at least)
record-flag-purpose-help = why you open it, the patient will see: care (to look after the patient) or emergency
record-open-flag-patient-help = the patient: a FHIR Patient file, an INS datamatrix (file or text), "-" for standard input
record-open-flag-sheet-help = writes the sheet for the patient's hand into this HTML file
record-open-patient-missing = say which patient (--patient FILE)
record-open-own-alone = you open your own record: name no patient
record-claim-flag-sheet-help = the sheet's code; "-" for standard input
record-claim-flag-sheet-file-help = file that holds the sheet's code
record-show-flag-kind-help = one kind only: synthesis, allergy, treatment, report, letter, laboratory, imaging, prescription, note…
record-show-flag-page-help = the wanted page, from 1
record-show-flag-all-help = the whole record, what is old included
record-show-flag-over-time-help = results over time; CODE: one analysis, by its LOINC code or a part of its name
record-show-flag-card-help = writes the record's card, for whoever is to deposit there, into this file ("-" to show it)
record-show-flag-to-help = writes the record, to read and print, into this folder
record-show-flag-save-help = with --item: saves the document and what proves it here
record-log-flag-to-help = writes the log, to read and print, here
record-mask-flag-class-help = the part to put it in: masked (by default), common, announcement, representatives, emergency
record-add-flag-kind-help = note (by default), synthesis, treatment or allergy
record-add-flag-class-help = part of the record (common by default)
record-add-kind-wrong = a note is a note, a synthesis, a treatment or an allergy (--kind)
record-add-class-wrong = a note does not go into this part of the record (--class)
patient-flag-who-help = the patient: name, reference of the record, or FHIR Patient file
patient-flag-to-help = writes the page, to read and print, here

record-open-own = Your record is open, { $name }. You alone decide who reads it.
record-open-custodial = Record opened for { $name }. You keep it for the patient, who can take it over with the sheet.
record-open-identified = Identity of { $name } completed in the record.
record-open-qualified = Identity of { $name } now qualified in the record. What waited for it goes by itself.
record-reference = Reference of the record: { $record }
record-sheet-written = Sheet written to { $file }. Print it, hand it to the patient, then delete the file: this code is kept nowhere.

record-claim-done = This record is yours, { $name }. You alone decide who reads it.
record-claim-next = What the record already held comes by itself, as soon as the device of { $keeper } connects. There is nothing to do.
record-claim-sheet-spent = The sheet is of no more use: you can destroy it.
record-someone = your doctor
record-nobody-named = a person whose name is not known

record-kept-custodial = kept by { $keeper } for the patient
record-kept-own = kept by the patient
record-kept-yours = kept by you
record-patient-unread = patient not read yet: open this record
record-none-held = No record is open here. "confrere record open" opens one.
record-show-next = To read a record: confrere record show REFERENCE
record-line-head = record { $record } · { $keeper }
record-empty = Nothing in this record for now.
record-count = { $count ->
    [one] One item
   *[other] { $count } items
} · page { $page }
record-next-page = Next: --page { $page }
record-older = The service keeps older items: --all shows them too.
record-read-by = read by { $names }
record-read-by-nobody = read by nobody else
record-replaced = Replaced by { $item }
record-author-patient = the patient
record-author-unproven = somebody whose identity nothing proves
record-deposited-by = { $author } as the document says, deposited by { $name }
record-filed-by = { $author }, signature checked by { $name }
record-no-results = No results in figures in this record.
record-older-values = { $count ->
    [one] and one older value
   *[other] and { $count } older values
}
record-over-time = Results over time
record-over-time-legend = In light green the laboratory's range; in red what it marked. No unit is converted into another.

record-flag-none = outside the range
record-flag-normal = normal
record-flag-low = low
record-flag-high = high
record-flag-critical-low = very low
record-flag-critical-high = very high
record-flag-abnormal = abnormal

record-from-note = Written in this record by { $who }.
record-from-deposit = Deposited in this record by { $who }.
record-from-exchange = Comes from an exchange between professionals, filed here because the patient agreed for { $scope }. { $basis }.
record-from-exchange-unread = Comes from an exchange between professionals, filed here because the patient agreed.
record-file-document = original document
record-file-readable = document to read (PDF)
record-file-evidence = signed parts that prove who wrote it
record-file-other = attachment

record-mask-done = "{ $title }" is masked: professionals no longer see it in the record.
record-unmask-done = "{ $title }" can be seen again: part "{ $where }".
record-move-done = "{ $title }" is now in the part "{ $where }".
record-mask-already = "{ $title }" is already in the part "{ $where }": nothing changed.
record-mask-once-read = Already read by { $names }: what was read stays known to who read it.
record-mask-unread = Nobody else had read it. What had been read would stay known.
record-add-done = Note added to the record.

record-log-title = Log of the record
record-log-empty = Nothing to show for now.
record-log-patient = The patient
record-log-patient-you = The patient (you)
record-log-what-classes = { $count ->
    [one] the part { $classes }
   *[other] the parts { $classes }
}
record-log-in-person = in person
record-log-what-whole = the whole record
record-log-what-item = "{ $title }"
record-log-what-consent = this exchange or episode of care
record-log-made = Log read on { $time }.
record-page-written = Page written to { $file }. It holds health data: keep it in a safe place.
record-card-written = Card written to { $file }. Give it to whoever is to deposit into this record; it lets nobody read it.
record-page-made = Page made by { $person } on { $time }.
record-page-alone = This page can be read without Confrère. It shows what this person may read of the record, and no more.
record-page-left-out = This page ends here: the record has more items, older ones.

patient-exchanges = Exchanges
patient-no-exchange = No exchange about this patient.
patient-record = Record
patient-no-record = No record of this patient can be opened here.
patient-none = No patient for now: no record and no referral.
patient-count-exchanges = { $count ->
    [0] no exchange
    [one] one exchange
   *[other] { $count } exchanges
}
patient-has-record = record { $record }
patient-next = For the page of a patient: confrere patient NAME
patient-filing = { $state }: { $count ->
    [one] one document
   *[other] { $count } documents
}

delegate-flag-record-help = instead of a mailbox: a patient's record, by its reference or the patient's name
delegate-flag-classes-help = parts, with commas between. Of a mailbox: logistics (always included), clinical, doctor-only. Of a record: common, announcement, representatives, emergency, masked, reimbursements (by default, what professionals see)
delegate-record-granted = { $name } can open this record: { $classes }. The patient sees it in the log.
delegate-record-revoked = { $name } no longer opens this record. What was read stays read.
delegate-record-none = This record is open to nobody else.

claim-sheet-title = Your health record
claim-sheet-for = This sheet belongs to
claim-sheet-born = Born on { $date }
claim-sheet-opened = Record opened by { $person } on { $date }.
claim-sheet-code = Your code
claim-sheet-what = Your doctor keeps a record for you. With this sheet you can keep it yourself.
claim-sheet-keep = Keep this sheet at home, with your important papers. Take no photo of it.
claim-sheet-use = To use it: ask your doctor or your hospital to enrol you. Then scan the square, or type the code.
claim-sheet-alone = This sheet opens nothing by itself. If somebody else finds it, they cannot read your record.
claim-sheet-consent = You can say no at any time: tell your doctor. Nothing new will then enter this record.
claim-sheet-lost = Sheet lost? Tell your doctor. You never have to use it.

error-patient-unknown = This patient is known here neither by a record nor by a referral. "confrere patient" lists the others.
error-patient-ambiguous = { $matches } patients have this name: type more of it, or give the FHIR Patient file.
error-record-log-closed = The log of this record is not open to you: it is for the patient and for who keeps the record with them.
error-record-not-kept-here = Only the patient, or who keeps the record for them, can do this.
error-record-note-too-long = A note has at most { $limit } characters. Shorten it, or write two.
