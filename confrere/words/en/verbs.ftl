# A clinician's commands: their options, what they answer, and their refusals.

colon = {":"}

verb-note-help = take note of the answer and take over the follow-up
verb-cancel-help = cancel a request that you sent, or take back what still waits
verb-remark-help = write a remark between doctors
verb-add-help = add a colleague to an exchange
verb-delegate-list-help = list the people to whom the mailbox is entrusted

# --- options ---

flag-profile-help = folder of the profile (or CONFRERE_PROFILE)
flag-passphrase-file-help = file whose first line is the passphrase (or CONFRERE_PASSPHRASE)
flag-server-help = address of the service
flag-code-help = the code; "-" for standard input, so that it does not appear in the list of processes
flag-code-file-help = file that holds the code
flag-sheet-help = also write the printable recovery sheet to this HTML file
flag-text-help = the text itself
flag-body-help = file of the text, "-" for standard input
flag-attach-help = attachment, as often as needed
flag-thread-help = the exchange, by the beginning of its reference (four characters at least)
flag-reason-help = reason, visible to the secretariat
enroll-flag-invitation-help = a patient's invitation file, instead of the code
enroll-flag-notify-help = e-mail that gets a notice without content when something waits
send-flag-to-help = recipient: address, RPPS number or name; as often as needed
send-flag-thread-help = reply in this exchange
send-flag-subject-help = subject, encrypted like the text
send-flag-mailbox-help = mailbox in whose name the message leaves (yours by default)
show-flag-quotes-help = shows also what answers from a mail program quote
show-quoted = { $lines ->
    [one] one quoted line
   *[other] { $lines } quoted lines
 }: --quotes shows them
show-flag-save-help = save the attachments in this folder
refer-flag-to-help = colleague: address, RPPS number or name
refer-flag-patient-help = identity: FHIR Patient file, INS datamatrix (file or text), "-" for standard input
refer-flag-question-help = file of the question, "-" for standard input
refer-flag-urgency-help = urgency: routine, urgent (soon), asap (very soon), stat (immediate)
refer-flag-yes-help = send an immediate urgency without asking for confirmation
decline-flag-text-help = explanation, read by the requester only
appointment-flag-start-help = start, in this machine's time unless an offset is given
appointment-flag-minutes-help = duration in minutes (30 by default)
appointment-flag-place-help = place
appointment-flag-book-help = book the appointment; without --start, the one that was proposed
appointment-flag-cancel-help = cancel the appointment
add-flag-to-help = colleague to add: address, RPPS number or name
add-flag-history-help = also show what came before (else from now on)
add-flag-read-only-help = may read and not write
delegate-flag-to-help = person or organisation to entrust with the mailbox
delegate-flag-address-help = person whose access ends
delegate-flag-mailbox-help = the mailbox (yours by default)
delegate-flag-rights-help = rights, comma-separated: read, send (in its name), manage (who has access)
delegate-flag-until-help = last day
delegate-flag-from-now-on-help = without showing what came before
devices-flag-id-help = the device, by the beginning of its reference (four characters at least)
recover-flag-confirm-help = confirm that the recovery sheet is put away by typing its code ("-" for standard input)
recover-flag-sheet-help = print the sheet again to this HTML file ("-" to show it), until it was confirmed
export-flag-thread-help = the exchange, by the beginning of its reference; nothing with --verify
export-flag-to-help = new folder to export to
export-flag-verify-help = verify an exported folder, without a profile or a network

# --- questions and what is missing ---

passphrase-prompt = Passphrase:
passphrase-prompt-new = Choose a passphrase:
passphrase-prompt-again = Once more:
code-prompt = Code:
code-missing = the code is missing: --code, --code-file or "--code -"
text-missing = the text is missing
send-subject-missing = the subject is missing (--subject)
appointment-incomplete = the time of the appointment is missing (--start), or its duration does not fit (--minutes, 1 to 1440)
recover-one-of = give one of the three: --server URL with the code, --confirm CODE, or --sheet FILE
export-one-of = give the exchange and --to DIR, or --verify DIR
refer-confirm = Send all the same? (yes/no)

# --- answers ---

progress-sending = Sending
offline-note = The service is not reachable: this is what this device had already received.
not-publicly-verified = Identities: verified by the operator, not yet publicly verifiable.
author-unproven = author whose identity is not proven
subject-none = (no subject)
event-message = Message
event-unknown = Item of a newer version
event-newer = This item comes from a newer version. Update Confrère to read it.
event-unreadable = This item cannot be read. Ask its author to send it again.

exchange-received = Received
exchange-sent = Sent
exchange-delivered = Delivered
exchange-read = Read by the recipient
exchange-waiting = Waiting for a connection
exchange-waiting-enrolment = Waiting for the recipient to enrol
exchange-refused-state = Refused
exchange-refused = { $count ->
    [one] One item could not be verified and is not shown.
   *[other] { $count } items could not be verified and are not shown.
}
exchange-unsent = { $count ->
    [one] One item waits to be sent.
   *[other] { $count } items wait to be sent.
}
exchange-overdue = overdue

notice-gap = Something is missing just before: nothing was received in that place.
notice-chain-broken = The service has shown two versions of this exchange. Call your colleague.
notice-counter-repeated = Sent twice in the same place: the author's device may have been copied or restored.
notice-counter-gap = An earlier item from this device was never received here.
notice-stale-epoch = Sent just after the participants had changed.
notice-split-view = The author saw another version of this exchange. Call them.
notice-duplicate-intent = Received twice, shown once.
notice-body-malformed = Unreadable content.

send-done = Sent, encrypted for { $names } and their authorised secretariat. Exchange { $thread }
send-replied = Sent in exchange { $thread }
send-waiting = Waiting: the message is kept on this device and leaves with the next command. Exchange { $thread }
send-waiting-enrolment = Waiting for { $names } to enrol: the message is kept encrypted on this device and leaves by itself. Exchange { $thread }
send-phone = Telephone of the practice: { $phone }

inbox-empty = Nothing at the moment.
inbox-unread = { $count ->
    [one] one unread
   *[other] { $count } unread
}
inbox-to = to { $names }
inbox-failures = { $count ->
    [one] One received item could not be verified. It is kept aside and not shown.
   *[other] { $count } received items could not be verified. They are kept aside and not shown.
}
show-readers = Encrypted for { $names }, and for the secretariat that each has authorised.

refer-done = Request sent, encrypted for { $names } and their authorised secretariat. Exchange { $thread }
accept-done = Request accepted. Exchange { $thread }
decline-done = Request declined. Exchange { $thread }
ask-done = Question asked; it is your correspondent's turn. Exchange { $thread }
answer-done = Answer sent. Exchange { $thread }
note-done = Answer read, you take over the follow-up. Exchange { $thread }
cancel-done = Request cancelled. Exchange { $thread }
cancel-withdrawn = Taken back: nothing has left and nothing will.
appointment-done-proposed = Appointment proposed. Exchange { $thread }
appointment-done-booked = Appointment booked. Exchange { $thread }
appointment-done-cancelled = Appointment cancelled. Exchange { $thread }
remark-done = Remark sent, between doctors only. Exchange { $thread }
add-done-now = { $name } takes part from now on.
add-done-history = { $name } takes part and also sees what came before.

enroll-done = Welcome { $name }. Your address: { $address }
enroll-done-depositor = Welcome { $name }. This account deposits and reads nothing. Next: confrere deposit
enroll-done-patient = You are enrolled. To open your record: confrere record open
enroll-notify-failed = The enrolment is done, but the notices by e-mail could not be set.
sheet-written = Recovery sheet written to { $file }. Print it, then delete the file.
recovery-reminder = Remember to put your recovery sheet away, then confirm it: confrere recover --confirm CODE
recover-done-account = Account reopened on this device.
recover-done = Mailbox reopened: { $name }, { $address }
recover-confirmed = Recovery sheet confirmed. The code is no longer kept on this device.

whoami-proof = Identity: the operator's code (a weaker proof than a professional card or application).
whoami-recovery-confirmed = Recovery sheet: confirmed.
whoami-recovery-open = Recovery sheet: not confirmed yet (confrere recover --confirm CODE).
whoami-mailboxes = Mailboxes:
class-logistics = logistics
class-clinical = clinical
class-doctor-only = between doctors

device-kind-paper = recovery sheet
device-kind-other = device
device-since = since { $time }
device-until = removed { $time }
device-this = this one
devices-revoked = Device { $id } removed: it will read nothing new.

delegate-granted = { $name } now works for { $mailbox }: { $classes }.
delegate-revoked = { $name } no longer works for { $mailbox }. What was read stays read.
delegate-none = This mailbox is entrusted to nobody.
delegate-until = until { $time }

export-done = { $count ->
    [one] One item exported to { $folder }.
   *[other] { $count } items exported to { $folder }.
}
export-verified = { $count ->
    [one] One item verified in { $folder }: author, date and content agree.
   *[other] { $count } items verified in { $folder }: authors, dates and contents agree.
}
export-compare = Compare these two references with those that you know of the service: they come from the folder itself.
export-service-reference = Service: { $reference }
export-registrar-reference = Enrolments: { $reference }

# --- refusals ---

error-passphrase-differs = The two entries differ. Start again.
error-file-not-text = { $file } is not UTF-8 text. Attach it with --attach.
error-file-too-long = { $file } is longer than { $limit } bytes. Attach it with --attach.
error-file-unwritable = { $file } cannot be written. Check the path and permissions.
error-folder-in-use = { $folder } already holds something. Choose a new folder.
error-action-unreachable = The service is not reachable: nothing was changed. Try again later.
error-not-confirmed = Nothing was sent.
error-attachment-refused = These attachments could not be verified and were not saved: { $names }. Ask their author to send them again.
error-export-wrong = This exported folder does not agree: { $what }. Draw no proof from it.
error-recipient-unknown = This recipient is unknown. Check the address, or search with "confrere directory search".
error-recipient-ambiguous = Several professionals match. Give the address or the RPPS number: { $candidates }
error-recipient-closed = This recipient's mailbox is closed. Nothing was sent.
error-recipient-unproven = This recipient's identity could not be proven. Nothing was sent; tell the operator.
error-recipient-not-enrolled = This professional has not enrolled yet. Write first: a request waits for the enrolment.
error-epoch-conflict-persists = The exchange keeps changing. What was to be sent waits; try again in a moment.
error-attachment-unreadable = An attachment cannot be read. Check its path and permissions.
error-attachment-too-large = An attachment is larger than allowed ({ $limit } bytes).
error-attachment-changed = A file changed while it was read. Try again once it is saved.
error-spool-damaged = A waiting attachment was damaged on this device. Send it again.
error-message-malformed = The subject is one line of at most 500 characters; subject and text are UTF-8.
error-server-url-wrong = This service address does not fit: it begins with https:// (http:// on this machine only).
error-recovery-not-confirmed = This is not the code of your recovery sheet. Check each group of characters.
error-recovery-unknown = This recovery sheet opens nothing here: the service does not know its code, or the sheet was already confirmed.
error-thread-ambiguous = Several exchanges begin like this. Give more characters of the reference.
error-thread-read-only = You read this exchange and cannot write in it.
error-thread-is-no-referral = This exchange is no referral. Reply with "confrere send --thread".
error-mandate-repeated = This person already works for this mailbox. End the access first to change it.
error-mandate-unknown = This person does not work for this mailbox.
error-device-not-found = No device in use begins like this. See "confrere devices list".
error-device-is-this-one = This is the device that you are using. Remove it from another device.

# watch
watch-flag-once-help = end at the first arrival
watch-json-once = with --json, watch needs --once
watch-started = Waiting; Ctrl-C to end.
