# A patient's identity

error-patient-unreadable = This patient identity cannot be read ({ $clause }). Give the Patient file that your software exports, or scan the INS datamatrix again.
error-patient-ins-malformed = The INS number does not have its shape: fifteen characters, with its authority ({ $clause }).
error-patient-ins-key-wrong = The last two digits of the INS number do not match the first thirteen: it contains an error. Nothing was sent; read the identity again from your software.
error-patient-traits-missing = Incomplete identity: { $trait ->
    [birth-name] the birth name
    [birth-given-names] the given names at birth
    [birth-date] the birth date
    [sex] the sex
    [birth-place] a valid INSEE code of the birth place
    [ins] the INS number
   *[other] one trait
} is missing{ $others ->
    [0] {""}
    [one] {" "}and one other trait
   *[other] {" "}and { $others } other traits
}. Complete it in your software.

patient-ins-fictive = Fictive identity (test or demonstration INS).
patient-ins-key-doubtful = The last two digits of the INS number do not match. That is common for a test identity; for a real one it would be refused.
patient-without-ins = Without an INS number: check the identity with the patient.
patient-birth-place-missing = Birth place absent: it will be asked for when filing to the shared record.
