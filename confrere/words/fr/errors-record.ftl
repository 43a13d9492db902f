# Le dossier : ce qui est refusé, et que faire.

error-claim-used = Ce dossier ne peut plus être repris avec cette feuille : elle a déjà servi, ou ce dossier n'en a pas. Si ce n'était pas vous, parlez-en tout de suite à votre médecin.
error-record-opener-refused = Un dossier s'ouvre par le patient, ou par un professionnel pour un patient sans appareil ; seul un patient inscrit peut le reprendre. Inscrivez d'abord le patient.
error-record-unknown-here = Aucun dossier de patient ne correspond. Vérifiez la carte ou la feuille du dossier.
error-access-reader-not-caller = Une consultation se déclare depuis l'appareil qui lit. Reconnectez-vous sur cet appareil, puis recommencez.
error-access-late = Cette déclaration de consultation est trop ancienne. Vérifiez l'heure de votre appareil, puis rouvrez le dossier.
error-access-statement-needed = Dites d'abord pourquoi vous ouvrez ce dossier : le patient le verra dans son journal. Rouvrez-le avec son motif.
error-depositor-reads-nothing = Ce compte ne fait que déposer : il ne participe à aucun échange et ne lit rien. Faites-en un dépôt.
error-deposit-class-refused = Ce compte ne dépose pas dans cette partie du dossier : une structure de soins y dépose des documents, un organisme payeur des remboursements et rien d'autre. Choisissez une autre partie.
error-epoch-record-refused = Un échange ne concerne qu'un dossier de patient, et cette partie n'existe que dans un dossier. Faites un envoi par dossier.

# L'identité du patient, donnée avec son invitation.

error-attestation-malformed = L'identité du patient jointe à l'invitation ne se lit pas ({ $clause }). Demandez une nouvelle invitation.
error-attestation-forged = L'identité du patient jointe à l'invitation n'a pas été faite par qui gère ce service. N'allez pas plus loin ; demandez une nouvelle invitation.
error-attestation-foreign = Cette identité de patient n'est pas celle de ce compte. Demandez une nouvelle invitation.
error-record-identity-differs = Qui a repris ce dossier le dit au nom d'un autre patient que celui que vous connaissez. N'y rangez rien et ne montrez rien ; parlez-en avec votre patient.
error-filing-already = Ce texte est déjà rangé dans le dossier du patient, à la demande de quelqu'un de l'échange. Il n'y est pas mis deux fois.
