# What is done with the patient's consent, and what is shown of the record in an exchange.

error-consent-unreadable = A consent of this record cannot be read here: it is older than your access, or it was spoiled. Nothing is recorded, filed or shown as long as nobody knows what it says. "confrere consent show" says which; ask whoever keeps the record.
error-consent-unknown = No consent begins like this. "confrere consent show" lists them.
error-consent-ambiguous = Several consents match: give the beginning of the reference of the one you mean. "confrere consent show" lists them.
error-consent-record-missing = No record of this patient is open here: nothing was recorded. Open one first with "confrere record open".
error-consent-patient-unknown = This exchange does not say which patient it is about. Name the record with --record.
error-consent-sign-patient-only = Only the patient signs, on the patient's own device. A professional records what the patient said with "confrere consent record" or "confrere consent withdraw".
error-share-nothing = Nothing in this record matches, or all that does is hidden: nothing is shown.
error-share-too-many = At most { $limit } lines are shown at a time: choose fewer.
error-share-unknown = Nothing shown in this exchange begins like this. "confrere show" lists what is.
error-share-needs-a-case = Lines of a record are shown in a referral that is open: this is none, or it has ended.
error-share-to-a-member = This colleague is no member of the exchange: add the colleague first, then show these lines.

verb-consent-help = the patient's consent: record it, sign it, withdraw it, read it
verb-consent-record-help = record that the patient was informed and does not oppose
verb-consent-sign-help = sign yourself, as the patient
verb-consent-withdraw-help = withdraw a consent, or note an opposition
verb-consent-show-help = read the consents of a record

consent-flag-record-help = the record: the beginning of its reference or the patient's name
consent-flag-episode-help = for a whole episode of care, by this name
consent-flag-until-help = last day of the episode of care
consent-flag-limit-help = what the patient leaves out: kinds of document, with commas between them
consent-flag-oppose-help = the patient opposes
consent-flag-propose-help = propose it to the patient, who will sign
consent-flag-series-help = the consent (or the exchange that it is about): the beginning of its reference
consent-flag-thread-help = the exchange that the consent is about: the beginning of its reference
consent-flag-fhir-help = give the consent as a FHIR Consent (R4)

consent-until-missing = --episode and --until go together
consent-oppose-alone = --oppose goes with neither --limit nor --propose
consent-sign-what = give a consent to sign, or --episode with --until

consent-recorded = { $basis }. { $state } for { $scope }.
consent-recorded-already = Nothing to record: { $state } for { $scope } since { $time }. { $basis }.
consent-recorded-after = Before this, a consent about this exchange had been withdrawn on { $time }.
consent-signed = Signed by you. { $state } for { $scope }.
consent-signed-already = You had signed it already on { $time }. { $state } for { $scope }.
consent-said = What the patient was told:
consent-to-say = What you agree to:
consent-told-sharing = Your doctor may also show this colleague lines of your record, for as long as the request lasts, but none that you have hidden.
consent-limits = Left out by the patient: { $kinds }.
consent-how-to-withdraw = To take it back, in one action: "confrere consent withdraw { $series }", by the patient or by a professional whom the patient tells.
consent-to-tell = What is proposed to the patient:
consent-how-to-lift = If the patient has a change of mind: "confrere consent record" with this exchange; where the patient opposed in person, "confrere consent sign { $series }".
consent-waits = The patient signs with "confrere consent sign { $series }"; until then nothing is filed.

consent-withdrawn-done = Withdrawn: nothing new will be filed or shown for { $scope }.
consent-opposed-done = Opposition recorded: nothing will be filed or shown for { $scope }.
consent-withdrawn-already = Nothing to withdraw for { $scope }: { $state } since { $time }.
consent-withdrawn-mandates = Opens nothing of what will come into the record: { $names }.
consent-withdrawn-shown = No longer sees what was shown of the record: { $names }.
consent-withdrawn-still = Still has access to the record: { $names }. The patient, or whoever keeps the record for the patient, can end that with "confrere delegate revoke".
consent-withdrawn-kept = What was read or filed before stays so.
consent-withdrawn-refused = Meanwhile this consent had changed: it is now "{ $state }". Read it again.

consent-none = No consent in this record.
consent-line = { $series }  { $state } · { $scope }
consent-line-by = { $basis }, by { $name }, { $time }
consent-line-signed = { $basis }, { $time }
consent-line-purposes = To { $purposes }
consent-line-exchange = Exchange { $thread }
consent-line-until = Until { $time }
consent-line-void = Without effect: version of { $time } by { $name }. { $reason }
consent-line-unreadable = { $series }  Cannot be read here: version of { $time } by { $name }. Nothing is decided by it.
consent-basis-noted = Noted by the professional, on the patient's word
consent-by-patient = the patient
consent-by-unproven = somebody whose identity is not proven

refer-flag-share-help = show the colleague lines of the patient's record for as long as the request lasts: kinds (synthesis, treatments, results...) or beginnings of references, with commas between them
refer-flag-share-days-help = for this number of days at most
add-flag-share-help = show the colleague of this referral lines of the patient's record, as with refer
add-whom = give a colleague (--to) or what to show (--share)
event-record-share = Lines of the record shown
event-record-share-text = Lines of the patient's record are shown, for as long as the request lasts.
share-done = Shown to { $names } until the request ends, and until { $time } at the latest: { $count } { $count ->
    [1] line
   *[other] lines
} of the record. The patient sees it in the log.
share-left-out = Left out, hidden by the patient or of another access: { $count }.
share-not-yet = Nothing of the record is shown yet: the request has not left. Once it has: "confrere add { $thread } --share ...".
share-refused = The request has left, but nothing of the record is shown: { $reason }
show-flag-item-help = open a line of the record that is shown in the exchange: the beginning of its reference
show-shared = Shown of the patient's record:
show-shared-line = { $item }  { $kind } · { $title }
show-shared-until = by { $name }, until the request ends and until { $time } at the latest
show-shared-over = by { $name }, ended
show-shared-others = by { $name }, to another member of the exchange
show-item-logged = The patient sees in the log that you opened it, to answer this question.
