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

verb-gateway-setup-help = Prepares all that a first mail program needs: app password, settings, start with the machine
gateway-flag-install-help = Installs the start with the machine for this user (Linux), with the passphrase in a file that only this user reads
gateway-setup-program = Mail program
gateway-setup-ask-program = Which mail program? [{ $usual }]
gateway-setup-servers =
    To receive: server { $host }, IMAP, port { $imap }, SSL/TLS (or POP3, port { $pop3 })
    To send: server { $host }, SMTP, port { $smtp }, SSL/TLS
    A port of 0 is chosen by the gateway when it starts.
gateway-setup-page = One address to remember, once the gateway runs: { $page } (it shows these settings and the identity file, step by step).
gateway-setup-page-later = Once it runs, the gateway says the address of the page that shows these settings step by step.
gateway-setup-installed =
    Start with the machine written: { $unit }
    The passphrase is in { $kept }, which only your account can read. Whoever takes this machine unlocked, or a disk that is not encrypted, can read it too: see docs/guide/mail.md.
    To start it: systemctl --user daemon-reload && systemctl --user enable --now confrere-gateway
    For a start without anybody logged in: loginctl enable-linger
gateway-setup-open = Mind: other accounts of this machine can read { $file }. Correct it: chmod 600.
gateway-setup-unit = Start with the machine on Linux: run again with “--install”, or put this into ~/.config/systemd/user/confrere-gateway.service yourself. Windows and macOS: docs/guide/mail.md.

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
gateway-bringing-in = { $address }: mail brought in
