# The mail gateway: what the messages say that it puts into the mailbox.

mail-day = { $year }-{ $month }-{ $day }
mail-moment = { $day } at { $time } ({ $zone })
mail-on-behalf-of = { $name } for { $owner }
mail-documents = Documents attached: { $names }
mail-doctors-only = Between doctors only.
mail-how-to-answer = To answer, simply reply to this message: your text and your attachments become the answer. To ask for something more without answering yet, begin your text with "Question:".
mail-how-to-reply-question = Simply reply to this message to give what is asked for.
mail-file-too-large = Attachment too large for a message, or not to be found: { $name } ({ $size } bytes). Open it with "confrere show --save".
mail-subject-unreadable = A message to read with a newer version
mail-text-unreadable = This message cannot be read here. Update Confrère.

mail-patient-birth-name = Birth name
mail-patient-given-names = Given names at birth
mail-patient-birth-date = Birth date
mail-patient-sex = Sex
mail-patient-birth-place = Birth place (INSEE code)
mail-patient-ins = INS
mail-patient-without-ins = not given
mail-sex-female = female
mail-sex-male = male

mail-delivered-subject = Delivered: { $subject }
mail-delivered-text = Your message "{ $subject }" has arrived.
mail-delivered-recipient = { $address }: delivered. { $why }
mail-failed-subject = Not delivered: { $subject }
mail-failed-text = Your message "{ $subject }" did not arrive at all its recipients. It will not be sent again: tell them some other way if it is urgent.
mail-failed-recipient = { $address }: not delivered. { $why }
mail-delayed-subject = Delayed: { $subject }
mail-delayed-text = Your message "{ $subject }" has not arrived yet. It will leave by itself as soon as possible.
mail-delayed-recipient = { $address }: waiting. { $why }
mail-displayed-subject = Read: { $subject }
mail-displayed-text = { $name } has opened your message "{ $subject }".

mail-refused-subject = A message could not be verified and is not shown
mail-refused-text = A message that arrived did not pass verification. Its content is not shown, because nothing proves who wrote it. Call your colleague and ask for it again; if this goes on, tell your support.
mail-refused-place = Exchange { $thread }, message no. { $number } ({ $failure }).
mail-unmade-subject = A message could not be shown here
mail-unmade-text = A message that you received is verified and kept, but could not be made an e-mail. Open it with "confrere show { $thread }", or ask your colleague to send it again in another way.
mail-unmade-place = It is message no. { $number } of that exchange.
mail-draft-subject = Referral not sent: { $subject }
mail-draft-text = Your referral has not left. What is missing:
mail-draft-how = Send it again from your software with the patient's identity, or begin it with "confrere refer".
mail-detached-subject = New exchange: { $subject }
mail-detached-text = You replied to other people than those of the exchange. Your message has begun a new exchange with them; those of the old one have not received it.
mail-notice-no-reply = This message comes from your Confrère gateway. Do not reply to it.

mail-missing-performer = the colleague whom the referral is for
mail-missing-patient = the patient's identity
mail-missing-birth-name = the patient's birth name
mail-missing-birth-given-names = the patient's given names at birth
mail-missing-birth-date = the patient's birth date (YYYY-MM-DD)
mail-missing-sex = the patient's sex
mail-missing-birth-place = a readable INSEE code of the birth place
mail-missing-ins = a readable INS number, with its authority
mail-missing-question = the question
mail-missing-urgency = a known level of urgency
mail-missing-call = the call to the colleague: an immediate emergency begins with the telephone
mail-withdrawn-subject = This machine no longer receives or sends
mail-withdrawn-text = This machine was removed from your devices. What it had received stays readable here; nothing new arrives and nothing leaves. If it was not you who removed it, call your operator. Otherwise enrol it again with your recovery sheet, or delete its profile.
