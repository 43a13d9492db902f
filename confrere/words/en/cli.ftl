# The command line: the frame, the one-line help of each verb, and its refusals.

confrere-help = Messages and requests for advice between clinicians, encrypted from end to end.
verbs-title = commands
verbs-metavar = COMMAND
verb-missing = a command is missing
flags-title = common options
flag-lang-help = language of the answers
flag-json-help = one JSON document on standard output and nothing else
flag-verbose-help = technical details of an error, without content
flag-config-help = folder of the settings
flag-version-help = print the version

verb-serve-help = run the service
verb-check-config-help = check the settings files
verb-directory-help = directory of professionals
verb-directory-import-help = import an extraction of the Annuaire Santé
verb-directory-search-help = find a professional by name, specialty and place
verb-invite-help = issue an enrolment code
verb-enroll-help = enrol a person or an organisation with its code
verb-whoami-help = say who uses this profile, and the address
verb-devices-help = the person's devices
verb-devices-list-help = list the devices
verb-devices-revoke-help = remove a lost or replaced device
verb-recover-help = reopen the mailbox with the recovery sheet
verb-delegate-help = people who work for this mailbox
verb-delegate-grant-help = entrust the mailbox to someone, wholly or in part
verb-delegate-revoke-help = withdraw someone's access to the mailbox
verb-send-help = send a message
verb-inbox-help = show what waits
verb-watch-help = waits until something arrives and shows it
verb-show-help = show an exchange
verb-refer-help = ask a colleague about a patient
verb-accept-help = accept a request
verb-decline-help = decline a request, with a reason
verb-ask-help = ask for one more thing
verb-answer-help = answer a request
verb-appointment-help = propose an appointment
verb-export-help = export an exchange, readable without Confrère

check-config-done = The settings in { $folder } are in order: { $files }.

argparse-usage = usage:{" "}
argparse-positionals = arguments
argparse-options = options
argparse-help = show this help
argparse-required = missing: %s
argparse-unrecognized = unknown argument: %s
argparse-argument = argument %(argument_name)s: %(message)s
argparse-choice = %(value)r does not fit (one of: %(choices)s)
argparse-value = %(value)r does not fit (expected: %(type)s)
argparse-one = one value is expected
argparse-some = at least one value is expected
argparse-explicit = unexpected value %r
argparse-exclusive = not together with %s
argparse-one-of = one of these arguments is needed: %s

error-usage =
    { $reason }
    Help: { $command } --help
error-file-unreadable = The file { $file } cannot be read. Check its path and permissions.
error-interrupted = Interrupted. What was confirmed stands; run the command again for the rest.
error-internal =
    An error of ours, incident { $incident }. Run the command again; if it recurs, pass on this number
    (--verbose adds technical details, without content).
error-passphrase-missing =
    The passphrase is missing. Without a terminal give it in CONFRERE_PASSPHRASE or with --passphrase-file.
error-passphrase-too-short = The passphrase must have at least { $minimum } characters.
error-profile-missing = There is no profile in this folder. Create it with "confrere enroll".
error-profile-exists = This folder already holds a profile. Choose another folder.
error-profile-locked = Another command is using this profile. Try again when it has finished.
error-data-locked = A service already runs on { $data }. Stop it first, or choose another folder.
error-data-missing = { $data } holds no service data. Run "confrere serve --data { $data }" first.
error-address-in-use = { $host }:{ $port } is taken. Choose another port with --port.
