# The patient's agreement: what he is told, where it stands, why something is not filed.
# Law and product are said apart: feeding the record is a duty, choosing exchange by exchange is our addition.

error-consent-malformed = This agreement cannot be read ({ $clause }). Nothing was filed; update your software or record a new agreement.
error-consent-illegal-transition = The agreement has changed meanwhile: this action no longer has an effect. Read it again, then repeat if needed.
error-consent-patient-only = The patient signed himself: only he can widen his agreement, prolong it or lift his opposition.
error-consent-final = { $state ->
    [withdrawn] This agreement was withdrawn and can no longer change. If the patient agrees again, record a new one.
   *[expired] This agreement has ended and can no longer change. Tell the patient, then record a new one.
}
error-consent-series-broken = This new version is about another patient, record or exchange than the agreement that it replaces: it has no effect.
error-consent-signer-wrong = This agreement says that somebody other than its signer recorded it: it has no effect.
error-consent-missing = No agreement of the patient is recorded for this exchange: nothing was filed. Tell the patient, then record the agreement with "confrere consent record".
error-consent-proposed-only = The agreement was proposed to the patient, who has not answered yet: nothing was filed.
error-consent-withdrawn = The patient has withdrawn the agreement: nothing new is filed or shown.
error-consent-expired = The patient's agreement has ended: nothing was filed. Tell the patient, then record a new agreement.
error-consent-opposed = The patient is opposed to filing: nothing was filed.
error-consent-not-begun = The episode of care of this agreement has not begun yet: nothing was filed.
error-consent-limited = The patient has excluded this from the agreement ({ $limit ->
    [kind] this kind of document
    [professional] this professional
   *[class] this part of the record
}): nothing was filed.
error-consent-other-purpose = The patient's agreement does not reach that far: { $purpose ->
    [filing] it does not permit filing into the record.
   *[sharing] it does not permit showing items of the record.
}
error-consent-other-record = This agreement is about another record: nothing was filed.
error-consent-other-patient = This agreement is not this patient's: the identity differs. Nothing was filed; check the identity.
error-consent-other-exchange = The patient's agreement is about another exchange: nothing was filed. Record an agreement for this one.

consent-state-proposed = Proposed, no answer from the patient
consent-state-active = In force
consent-state-limited = In force, with limits
consent-state-withdrawn = Withdrawn
consent-state-expired = Ended
consent-state-opposed = The patient is opposed

consent-act-propose = Agreement proposed
consent-act-agree = Agreement given
consent-act-limit = Agreement limited
consent-act-withdraw = Agreement withdrawn
consent-act-expire = Agreement ended
consent-act-oppose = Opposition recorded
consent-act-renew = Agreement prolonged

consent-basis-attested = Patient informed, not opposed: attested by the professional
consent-basis-signed = Signed by the patient himself

consent-purpose-filing = file the exchange into the record
consent-purpose-sharing = show items of the record in the exchange

consent-scope-exchange = this exchange
consent-scope-episode = the episode of care "{ $label }"

consent-law = The law asks professionals to feed the shared record after informing the patient. The patient may oppose it for a legitimate reason (French public health code, L. 1111-15, R. 1111-46 and R. 1111-47; order of 26 April 2022).
consent-product = Confrère goes further than the law: the patient chooses for each exchange or episode of care, and may change his mind at any time for what follows.

consent-told-exchange-1 = The letter and the answer of this exchange between your doctors will be kept in your record. You may refuse, leave a part out, or change your mind later: nothing new will then enter it.
consent-told-episode-1 = The exchanges between your doctors during this episode of care will be kept in your record, until the date given. You may refuse, leave a part out, or change your mind later: nothing new will then enter it.
consent-told-opposition-1 = You have refused that this exchange be kept in your record. It will not enter it. You may change your mind whenever you want.
error-consent-professional-only = Only a health professional attests a patient's agreement. Ask the doctor to record it himself.
