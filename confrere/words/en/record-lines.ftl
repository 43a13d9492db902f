# The lines of a record: its parts, what stands in it, in which order, and the patient's log.

error-record-class-unknown = There is no such part of the record. Choose: notices, common, masked, announcement, representatives, reimbursements, emergency.
error-record-kind-unknown = There is no such kind of item. Choose: synthesis, allergy, treatment, report, letter, laboratory, imaging, prescription, note, reimbursement, other.
error-record-item-malformed = This item of the record cannot be read ({ $clause }). It is kept; update your software.
error-record-card-malformed = This record card cannot be read ({ $clause }). Ask the patient or the doctor for a new one.
error-record-card-forged = This record card was not made by whom it says. Send nothing; ask the patient or the doctor for another.
error-record-card-expired = This record card is no longer valid. Ask the patient or the doctor for a new one.
error-record-card-early = This record card bears a date to come. Check the time of your device.

record-class-notices = Notices
record-class-notices-what = What happened around you, without any medical content.
record-class-common = Common
record-class-common-what = What the professionals who look after you see.
record-class-masked = Masked to professionals
record-class-masked-what = What you chose to keep to yourself.
record-class-announcement = Awaiting announcement
record-class-announcement-what = What a doctor will first tell you himself, in a consultation.
record-class-not-for-representatives = Not for legal representatives
record-class-not-for-representatives-what = What a minor asked not to show to the parents.
record-class-reimbursement = Reimbursements
record-class-reimbursement-what = What payers deposit; they read nothing.
record-class-emergency = Emergency synthesis
record-class-emergency-what = What matters to treat you if you cannot answer.

record-kind-synthesis = Synthesis
record-kind-allergy = Allergy
record-kind-treatment = Treatment
record-kind-report = Report
record-kind-letter = Letter
record-kind-laboratory = Laboratory
record-kind-imaging = Imaging
record-kind-prescription = Prescription
record-kind-note = Note
record-kind-reimbursement = Reimbursement
record-kind-other = Other document

record-place-synthesis = Synthesis
record-place-allergies = Allergies
record-place-treatments = Treatments
record-place-abnormal = Abnormal results of the last year
record-place-unread = Not read yet
record-place-answers = Recent answers
record-place-rest = The rest, by date
record-place-reimbursements = Reimbursements
record-place-replaced = Replaced versions

record-purpose-care = to look after you
record-purpose-own = in person
record-purpose-exchange = to answer a question about you
record-purpose-filing = to file what you agreed to
record-purpose-emergency = in an emergency

record-log-read = { $who } read { $what } { $why }{ $count ->
    [1] {""}
   *[other] {" "}({ $count } times within an hour)
}.
record-log-asked = { $who } asked { $whom } a question about you.
record-log-answered = { $who } answered { $whom }.
record-log-shared = { $who } showed items of your record to { $whom }.
record-log-share-ended = { $whom } can no longer open what { $who } had shown.
record-log-filed = "{ $what }" was filed into your record, asked by { $who } ({ $basis }).
record-log-filing-waits = "{ $what }" waits to be filed into your record, asked by { $who }.
record-log-filing-refused = "{ $what }" was not filed into your record, although { $who } asked.
record-log-filing-withdrawn = "{ $what }", filed when { $who } asked, was taken back.
record-log-deposited = { $who } deposited a document.
record-log-consent-proposed = { $who } proposed an agreement to you for { $what }.
record-log-consent-recorded = { $who } recorded your agreement for { $what } ({ $basis }).
record-log-consent-limited = { $who } recorded your agreement with limits for { $what } ({ $basis }).
record-log-consent-withdrawn = { $who } recorded that you withdrew your agreement for { $what } ({ $basis }).
record-log-consent-expired = Your agreement for { $what } has ended.
record-log-consent-opposed = { $who } recorded that you are opposed for { $what } ({ $basis }).
record-log-claimed = { $who } took possession of the record.
record-log-mandate-granted = { $who } gave access to { $whom }: { $what }.
record-log-mandate-ended = { $who } ended the access of { $whom }: { $what }.
record-log-masked = { $who } masked "{ $what }" to professionals.
record-log-unmasked = { $who } showed "{ $what }" to professionals again.
record-log-moved = { $who } moved "{ $what }" to another part of the record.
record-log-limits = This log shows each opening that the service was asked for. What was already read, copied or printed can be read again without a line here.
