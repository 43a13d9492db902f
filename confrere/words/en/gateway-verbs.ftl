# The mail gateway: its verbs.

verb-gateway-help = Serves the mail of mailboxes to ordinary mail programs, on this machine
verb-gateway-password-help = Gives an app password to a mail program, shown once
verb-gateway-passwords-help = Shows the app passwords of a mailbox, or withdraws one
gateway-flag-profile-help = Profile to serve; may be repeated. All open with the same passphrase
gateway-flag-smtp-help = Port to send (0: a free one)
gateway-flag-imap-help = Port to read, folders kept here (0: a free one)
gateway-flag-pop3-help = Port to fetch (0: a free one)
gateway-flag-setup-help = Port of the page that helps to set up a program (0: a free one)
gateway-flag-host-help = Interface to listen on; this machine alone by default
gateway-running = The gateway is ready for { $addresses }. To send: port { $smtp }. To read: IMAP port { $imap } or POP3 port { $pop3 }. To set up a program: http://localhost:{ $setup }/
gateway-flag-name-help = The program or machine that this password is for, for example “Thunderbird at the front desk”
gateway-flag-remove-help = Withdraws the password of this name; the program that uses it is disconnected
gateway-password =
    User name: { $user }
    Password: { $password }
    It is shown this once. Another program or another person: another password.
gateway-password-removed = The password “{ $name }” is withdrawn.
gateway-passwords-none = No app password.
gateway-password-line = { $name }: made on { $created }, last used { $used }
gateway-password-never = never

# The folders that every mailbox has.
folder-sent = Sent
folder-drafts = Drafts
folder-trash = Trash
folder-archive = Archive
folder-junk = Junk
folder-referrals = Referrals
folder-received = Received
folder-sent-referrals = Sent

mail-failed-unknown = The service refused it.
