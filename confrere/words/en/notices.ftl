# E-mail notices

error-notice-malformed = This notice cannot be sent: "{ $field }" does not have the expected form.

verb-notices-help = set the notices by e-mail: address, pace, quiet hours
verb-notices-bounce-help = (operator) note a notice that came back, read from standard input
verb-notices-bounces-help = (operator) list the mailboxes whose notices do not arrive

notices-flag-mailbox-help = the mailbox, if it is not your own
notices-flag-email-help = ordinary e-mail that gets the notices; they say that an exchange waits, and nothing else
notices-flag-language-help = language of the notices
notices-flag-every-help = now: at once; hour: at most one an hour; day: at most one a day, in the morning
notices-flag-quiet-help = hours without notices, for example 20:00-07:30; none to have none
notices-flag-quiet-days-help = days without notices among mon,tue,wed,thu,fri,sat,sun; none to have none
notices-flag-zone-help = time zone, for example Europe/Paris or Indian/Reunion
notices-flag-confirm-help = the address is right: go on after notices that came back
notices-flag-off-help = send no more notices
notices-flag-to-help = address to which the notice came back, where the mail server gives it

notices-wrong-email = --email takes the address of an ordinary e-mail
notices-wrong-quiet = --quiet takes two different times, for example 20:00-07:30, or none
notices-wrong-quiet-days = --quiet-days takes days with commas, for example sat,sun, or none; not all seven
notices-wrong-zone = --zone takes a time zone that the service knows, for example Europe/Paris

notices-none = No notices by e-mail for { $mailbox }. To get them: confrere notices --email EMAIL
notices-go = Notices for { $mailbox } go to { $email }.
notices-every-now = At once; what arrives within some minutes is one notice.
notices-every-hour = At most one an hour.
notices-every-day = At most one a day, in the morning.
notices-quiet = None from { $hours } ({ $zone }); what arrives then is one notice afterwards.
notices-quiet-days = None on these days: { $days }.
notices-returned = A notice by e-mail could not be delivered on { $when } (code { $status }). Check the address: confrere notices
notices-suspended = Notices by e-mail are suspended: the last ones could not be delivered ({ $when }, code { $status }). Confirm the address (confrere notices --confirm) or give another one (--email).

notices-bounce-noted = Noted: this notice did not arrive.
notices-bounce-nothing = Nothing to note: this is not the return of a notice.
notices-bounces-none = No notice came back.
notices-bounces-line = { $mailbox }: code { $status }, { $count ->
    [one] once
   *[other] { $count } times
}, the last time { $when }
notices-bounces-suspended = { $mailbox }: code { $status }, { $count ->
    [one] once
   *[other] { $count } times
}, the last time { $when }; suspended until its owner confirms the address

day-mon = Monday
day-tue = Tuesday
day-wed = Wednesday
day-thu = Thursday
day-fri = Friday
day-sat = Saturday
day-sun = Sunday
