# Les avis par courriel

error-notice-malformed = Cet avis ne peut pas partir : « { $field } » n'a pas la forme attendue.
