# The operator's verbs: directory, invitations

operator-flag-data-help = folder of the service's data

directory-import-flag-file-help = the unzipped "Personne_activite" file of the Annuaire Santé
directory-import-flag-shrink-help = accept a file with under 80 % of the lines it replaces
directory-import-progress = Import
directory-import-skipped = Line { $line } skipped: { $reason }
directory-import-done =
    Directory installed: { $practitioners } professionals, { $rows } lines, { $skipped } skipped.
    { $without } lines without an RPPS number: these people are found and cannot be invited.

directory-search-flag-text-help = parts of the name in any order, or an RPPS number
directory-search-flag-server-help = address of the service
directory-search-flag-specialty-help = specialty or profession, or its beginning
directory-search-flag-place-help = town, postal code or department
directory-search-nobody = Nobody found. Try fewer letters, or without the specialty or the place.

reach-end-to-end = reached through Confrère, encrypted from end to end
reach-classic = not on Confrère yet; reached by classic secure mail
reach-not-yet = not on Confrère yet; a request waits here until they enrol

invite-flag-rpps-help = RPPS number of a professional of the directory
invite-flag-staff-of-help = address of the person that the invited person works for
invite-flag-structure-help = FINESS or SIREN number of an organisation
invite-flag-name-help = given name and family name, with --staff-of
invite-flag-patient-help = identity of a patient (a FHIR Patient resource); it goes into the invitation file alone
invite-flag-to-help = invitation file to write, with --patient (default: { $file })
invite-flag-deposit-only-help = with --structure: it deposits documents into records and reads nothing
invite-flag-payer-help = with --structure: it deposits reimbursements and reads nothing
invite-flag-bridge-help = with --structure: it files into records what exchanges decide
invite-does-with-structure = --deposit-only, --payer and --bridge go with --structure
invite-to-with-patient = --to goes with --patient
invite-to-outside-data = the invitation file names a patient: it is not written into the service's folder
invite-name-with-staff = --staff-of and --name go together
invite-done =
    Enrolment code of { $name }: { $code }
    Address: { $address }. To be used once, until { $until }. Hand it over in person or by post.
invite-done-depositor =
    Enrolment code of { $name }: { $code }
    This account deposits and reads nothing; it has no address. To be used once, until { $until }. Hand it over in person.
invite-done-patient =
    Invitation written to { $file }. Its code: { $code }
    To be used once, until { $until }. This file says who the patient is: hand it over in person, then delete it here.

error-register-busy = The service was too busy to note the invitation. Try again in a moment.
error-invitation-file-wrong = { $file } is not an invitation file. Ask who invited you for a new one.
