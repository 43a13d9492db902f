# Documents that go into a record: the letter as PDF, its check, and what stands beside it.
error-pdf-content-missing = The letter cannot be made: { $part ->
    [title] the title
    [author] the author
    [patient] the patient's name
   *[text] the text
  } is missing.
error-pdf-too-long = The letter is too long (at most { $limit } characters). Attach the rest.
error-pdf-unreadable = This file is no readable PDF, or it is damaged.
error-pdf-too-large = This PDF is too large to be filed (at most { $limit } bytes).
error-pdf-protected = This PDF is protected by a password and cannot be filed. Ask for a copy without protection.
error-pdf-active = This PDF holds a program or an automatic action and cannot be filed.
error-pdf-not-archivable = This PDF is not made to be kept (PDF/A-1b, rule { $rule }). It stays attached to the exchange; a covering letter can be filed in its place.
error-document-reference-malformed = A document's index card is malformed ({ $clause }).
error-observation-malformed = A laboratory result is malformed ({ $clause }).
error-reimbursement-malformed = A reimbursement is malformed ({ $clause }).
