# The lines of a record: its parts, what stands in it, in which order, and the patient's log.

error-record-class-unknown = There is no such part of the record. Choose: notices, common, masked, announcement, representatives, reimbursements, emergency.
error-record-kind-unknown = There is no such kind of item. Choose: synthesis, allergy, treatment, report, letter, laboratory, imaging, prescription, note, reimbursement, other.
error-record-item-malformed = This item of the record cannot be read ({ $clause }). It is kept; update your software.
error-record-card-malformed = This record card cannot be read ({ $clause }). Ask the patient or the doctor for a new one.
error-record-card-forged = This record card was not made by whom it says. Send nothing; ask the patient or the doctor for another.
error-record-card-expired = This record card is no longer valid. Ask the patient or the doctor for a new one.
error-record-card-early = This record card bears a date to come. Check the time of your device.
