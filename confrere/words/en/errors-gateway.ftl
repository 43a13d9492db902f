# The mail gateway: what is refused.

error-mail-login-wrong = Wrong user name or app password.
error-mail-login-throttled = Too many attempts. Try again in { $seconds } seconds.
error-mail-login-revoked = This app password was withdrawn. Ask for another (“confrere gateway password”).
error-mail-password-name = Give this app password a name, { $limit } characters at most (“Thunderbird at the practice”).
error-mail-password-unknown = No app password has this name.
error-mail-passwords-too-many = There are { $limit } app passwords already. First remove those that are no longer used.
error-mail-folder-unknown = This folder does not exist.
error-mail-folder-exists = A folder with this name exists.
error-mail-folder-fixed = This folder can be neither renamed nor deleted.
error-mail-folder-name = This folder name is not possible.
error-mail-too-large = This message is too large: { $limit } octets at most. Send the files in several messages.
error-mail-store-full = The disk is full: nothing was stored. Free some space, then try again.
error-mail-store-damaged = The mail kept on this machine is damaged. Run “confrere gateway doctor”.
error-mail-store-newer = The mail on this machine comes from a newer version. Update Confrère.
error-mail-malformed = This message cannot be read ({ $clause }): it was not sent.
error-mail-from-other = You cannot write from this sender address. Choose your own.
error-mail-loop = This message has passed here before: it is not sent again.
error-mail-recipients-too-many = Too many recipients: { $limit } at most.
error-mail-thread-ended = You can no longer write in this exchange. Write a new message.
error-certificate-unreadable = The file with the gateway’s identity, or the one beside it, cannot be read. Check the two paths given.
error-certificate-expired = The gateway’s identity expired on { $date }. Replace it, then start the gateway again.
error-gateway-port-taken = Port { $port } is taken on this machine. Choose another one, or 0 for a free one.
error-autostart-unknown = The start with the machine is installed from here on Linux only. For Windows and macOS see docs/guide/mail.md.
error-mail-device-withdrawn = This machine was removed from your devices: nothing leaves from it. Enrol it again (“confrere recover”) or write from another one.
