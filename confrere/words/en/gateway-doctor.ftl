# The gateway's doctor: what it finds, and what to do.

verb-gateway-doctor-help = Says what is wrong with the gateway, and what to do
gateway-doctor-well = Nothing keeps mail from passing.
gateway-doctor-wrong = To put right: { $count }.

gateway-doctor-gateway-running = The gateway is running (process { $process }).
gateway-doctor-gateway-stopped = The gateway is not running: no program can connect. Run “confrere gateway”, or have it start with the machine: “confrere gateway setup --install”.
gateway-doctor-profile-locked = Another program uses the profile ({ $command }, process { $process }): the gateway cannot open it. Wait until it ends, or stop it.
gateway-doctor-profile-free = Nobody else uses the profile.
gateway-doctor-profile-unreadable = The profile does not open ({ $failure }). Restore it from your backup, or recover the mailbox with the recovery sheet: “confrere recover”.
gateway-doctor-door-well = { $door }: port { $port } answers as it should.
gateway-doctor-door-closed = { $door }: port { $port } does not answer. Start the gateway again; a firewall or an antivirus may close it too.
gateway-doctor-door-other = { $door }: something else than this gateway answers on port { $port }. An antivirus that inspects mail does so: exclude this port, or change it in client.toml.
gateway-doctor-identity-well = The gateway’s identity is good until { $date }.
gateway-doctor-identity-missing = The gateway has no identity beside this profile yet: it makes one when it starts.
gateway-doctor-identity-unreadable = The identity file { $file } cannot be read. Restore it; if you delete it, every program has to import the new identity.
gateway-doctor-identity-ends = The gateway’s identity ends on { $date }. Its own renews itself; one that was given has to be replaced.
gateway-doctor-identity-ended = The gateway’s identity ended on { $date }: programs refuse it. Start the gateway again, or replace the identity that was given.
gateway-doctor-identity-names = The identity does not hold for the name “{ $name }”. Start the gateway again: it makes it anew; one that was given has to be replaced.
gateway-doctor-service-well = The service { $server } answers.
gateway-doctor-service-unreachable = The service { $server } does not answer. What is sent waits and leaves by itself; check the connection to the Internet.
gateway-doctor-service-failing = The service answers, but refuses ({ $failure }). If it lasts, tell whoever runs it.
gateway-doctor-service-unknown = Without the passphrase the service and this device were not checked.
gateway-doctor-clock-well = This machine’s clock is right.
gateway-doctor-clock-wrong = This machine’s clock differs from the service’s by { $seconds } seconds. Switch automatic time on.
gateway-doctor-device-well = This device may log in to the service.
gateway-doctor-device-refused = The service refuses this device: it was removed, or the account is closed. From another device: “confrere devices list”; else the recovery sheet: “confrere recover”.
gateway-doctor-mails-waiting = { $count } message(s) wait to leave, since { $since }.
gateway-doctor-mails-late = { $count } message(s) wait to leave since { $since }: more than four hours. See what is said of the service above.
gateway-doctor-mails-failed = { $count } message(s) will not leave. Their authors were told in their mailbox.
gateway-doctor-mails-none-waiting = No message waits to leave.
gateway-doctor-disk-well = There is room on the disk ({ $mebibytes } MiB).
gateway-doctor-disk-low = Little room is left on the disk ({ $mebibytes } MiB). Free some.
gateway-doctor-disk-full = The disk is nearly full ({ $mebibytes } MiB): soon nothing will be accepted any more. Free some space.
gateway-doctor-mail-well = The mail kept here is whole.
gateway-doctor-mail-missing = No mail is kept here yet: the gateway makes the mailbox when it starts.
gateway-doctor-mail-older = The mail kept here is of an older version: the gateway brings it up to date when it starts, and no program has to download it again.
gateway-doctor-mail-newer = The mail kept here comes from a newer version. Update Confrère.
gateway-doctor-mail-damaged = The mail kept here is damaged. Stop the gateway and restore mail.db from your backup; without one, put this file aside: the messages that were exchanged come back, but no drafts, no folders of yours, no app passwords.
gateway-doctor-passwords-none = No app password: no program can connect. Give one: “confrere gateway password”.
gateway-doctor-password-unused = The app password “{ $name }” was never used. If nobody is to use it, withdraw it: “confrere gateway passwords --remove”.
gateway-doctor-passwords-unknown = The app passwords were not looked at: it takes the passphrase.
gateway-doctor-passphrase-wrong = The passphrase is not this profile’s. If the gateway reads it from a file, correct that file.
gateway-doctor-program-seen = A program connected, last about { $at }.
gateway-doctor-program-never = No program ever connected. The gateway’s page helps to set one up.
gateway-doctor-folder-well = Only your account reads the profile’s files.
gateway-doctor-folder-open = Other accounts of this machine can read { $file }. Correct it: chmod go= on this file or folder.
