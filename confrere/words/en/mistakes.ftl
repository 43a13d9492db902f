# What was typed wrongly, said as a person would.

error-text-unprintable = This text holds invisible signs (control characters), which a medical document refuses. Nothing was sent: copy it without them.
error-day-past = { $day } has passed: give a day to come.
error-patient-born-later = The birth date is in the future. Correct the identity in your software.
error-filing-class-wrong = An exchange does not go into this part of the record (--class). Nothing was asked for.
error-filing-nothing-answered = This exchange has no answer yet: nothing to file. To file the request itself: “--events request”.
error-filing-events-unknown = Nothing in this exchange answers to “--events”: only answers, requests and messages are filed. Remarks between doctors and logistics never are.
error-profile-without-mailbox = This profile has no mailbox: it sends neither messages nor requests. A patient writes into the record (“confrere record add”); a structure deposits there (“confrere deposit”).
record-mask-class-wrong = only a reimbursement goes into this part of the record (--class)
whoami-patient = A patient's profile
whoami-no-mailbox = No mailbox.
record-page-beyond = No page { $page }: this record has { $count ->
    [one] one item
   *[other] { $count } items
 }.
error-nothing-to-sign = Nothing waits for your signature. “confrere consent show” shows your agreements.
