# E-mail notices

error-notice-malformed = This notice cannot be sent: "{ $field }" does not have the expected form.
