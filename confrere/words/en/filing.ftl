# Filing into the record: what is asked, why it waits or is refused.

filing-state-queued = Being prepared
filing-state-waiting-identity = Waits for the patient's identity
filing-state-submitted = Sent to the record
filing-state-accepted = Filed in the record
filing-state-rejected = Refused
filing-state-unknown = Sent, no answer yet: being checked
filing-state-withdrawn = Withdrawn

filing-title-report = Report: answer to a request for advice
filing-title-letter = Letter

filing-section-question = Question asked
filing-section-answer = Answer
filing-section-conclusion = Conclusion
filing-section-what-to-do = What to do
filing-section-by-when = To be done by
filing-section-send-back-if = Send back if
filing-section-request = Request
filing-section-supporting = Documents named
filing-section-subject = Subject
filing-section-message = Message
filing-section-attachments = Attached documents

filing-preview-target = Filed into
filing-preview-patient = Patient
filing-preview-birth = Date of birth
filing-preview-sex = Sex
filing-sex-female = Female
filing-sex-male = Male
filing-sex-unknown = Unknown
filing-preview-ins = National health identity
filing-preview-consent = Agreement
filing-preview-document = Document
filing-preview-author = Author
filing-preview-on-behalf-of = On behalf of
filing-preview-date = Date
filing-preview-recipients = Recipients

error-filing-body-malformed = This filing request cannot be read ({ $clause }). Ask its author to update their software.
error-filing-illegal-transition = This is no longer possible at this stage of the filing ({ $act }).
error-filing-unknown = This filing request is not known here.
error-filing-id-used = Another request already has this number. Ask for the filing again.
error-filing-evidence-malformed = What is attached to the request cannot be read ({ $field }). Ask for the filing again.
error-filing-evidence-wrong = What is attached to the request does not prove who wrote it. Nothing was filed.
error-filing-evidence-foreign = What is attached to the request comes from another service. Nothing was filed.
error-filing-evidence-incomplete = What is attached does not show all that the service knows of the authors. Update and ask again.
error-filing-item-missing = A chosen item is not attached to the request. Ask for the filing again.
error-filing-item-foreign = An item comes from another exchange. Nothing was filed.
error-filing-item-unselected = The request holds a text that nobody chose. Nothing was filed.
error-filing-item-unfit = A chosen item cannot become this document: choose an answer, a request for advice or a message.
error-filing-item-retracted = The author took this text back: it is no longer filed.
error-filing-item-replaced = The author replaced this text: choose the new version.
error-filing-author-unproven = The author of this text is not a professional whose identity is proven. What a secretary writes must be in the doctor's name.
error-filing-author-number-wrong = The author's RPPS number is wrong. Nothing was filed.
error-filing-author-is-recipient = The author would also be the only recipient of this document.
error-filing-requester-refused = Only a member of the exchange who could read this text can have it filed.
error-filing-other-case = An item is about another request for advice. Nothing was filed.
error-filing-other-patient = The exchange is about another patient than the record ({ $trait }). Nothing was filed.
error-filing-two-patients = The exchange is about two patients ({ $trait }). Nothing was filed.
error-filing-patient-unproven = Nothing in the exchange says which patient it is about. Attach the request for advice.
error-filing-preview-differs = What would be filed is not what you were shown. Read the preview again and ask again.
error-filing-waits-for-ins = The patient's national health identity is missing. Record it; the document then leaves by itself.
error-filing-waits-for-traits = The patient's place of birth or sex is missing. Complete it; the document then leaves by itself.
error-filing-waits-for-validation = The patient's identity is not validated yet. Check an identity document; the document then leaves by itself.
error-filing-asked-by-mistake = The request was made by mistake and taken back by its author.
error-filing-answer-lost = The document left and no answer came back. It is looked for, then sent again if needed, never twice.

filing-footer-signed = Text signed by its author in Confrère and taken over unchanged; the proof of signature is attached in the record.
filing-footer-secretary = Typed by the practice's staff in the doctor's name.

error-bridge-missing = This service names no bridge to the records. Name it: “--bridge ADDRESS”.
error-bridge-unproven = This address is not that of a bridge that the operator vouches for. Nothing was sent.
error-consent-changed = The patient's consent has changed since this request: nothing was filed. Read it again (“confrere consent show”), then ask again.
error-author-structure-missing = The directory does not say in which structure the author works: the document cannot be made.

# The verbs “bridge” and “file”

error-profile-is-no-bridge = This profile is not a bridge's: “confrere invite --structure N --bridge” issues its code.
verb-bridge-help = File into patients' records what is asked (bridge).
bridge-flag-once-help = Do all that can be done now, then end.
bridge-json-once = --json goes with --once
bridge-started = Bridge { $address }: waiting for requests (Ctrl+C ends).
bridge-turn = Filed { $accepted }, waiting for an identity { $waiting }, refused { $refused }, withdrawn { $withdrawn }, to be tried again { $later }.
verb-file-help = File a part of an exchange into the patient's record.
file-flag-events-help = What is filed: “answer”, “request”, “message” or beginnings of references, with commas between; all answers by default.
file-flag-preview-help = Show exactly what would be written, and ask for nothing.
file-flag-patient-help = The patient (FHIR), for an exchange that names none.
file-flag-class-help = The part of the record where the document goes; “common” by default.
file-flag-bridge-help = The bridge's address; the service's by default.
file-flag-again-help = Ask again for what was asked or filed already.
file-flag-status-help = Where everything stands that was asked for this exchange.
file-flag-withdraw-help = Take back what was asked: what is filed is marked as withdrawn in the record.
file-already = This was asked or filed already; “--again” asks once more.
file-asked = Asked: { $documents ->
    [one] one document will be filed, with its author's signature.
   *[other] { $documents } documents will be filed, with their authors' signatures.
}
file-withdrawn = Taken back: the bridge marks as withdrawn what is in the record already.
file-none = Nothing was asked for this exchange.
file-line = Request { $filing }: { $state }
error-filing-not-possible = The bridge could not make this document, after several attempts: nothing was filed. Ask again, or tell its operator.
