# Ce qui est tapé de travers, dit comme une personne l'entend.

error-text-unprintable = Ce texte contient des signes invisibles (caractères de commande), qu'un document médical refuse. Rien n'a été envoyé : recopiez-le sans eux.
error-day-past = Le { $day } est passé : donnez une date à venir.
error-patient-born-later = La date de naissance est dans le futur. Corrigez l'identité dans votre logiciel.
error-filing-class-wrong = Un échange ne se range pas dans cette partie du dossier (--class). Rien n'a été demandé.
error-filing-nothing-answered = Cet échange n'a pas encore de réponse : rien à verser. Pour verser la demande elle-même : « --events request ».
error-filing-events-unknown = Rien dans cet échange ne répond à « --events » : seuls se versent les réponses, les demandes d'avis et les messages. Les remarques entre médecins et la logistique ne se versent jamais.
error-profile-without-mailbox = Ce profil n'a pas de boîte : il n'envoie ni message ni demande d'avis. Un patient écrit dans son dossier (« confrere record add ») ; une structure y dépose (« confrere deposit »).
record-mask-class-wrong = seul un remboursement va dans cette partie du dossier (--class)
whoami-patient = Profil d'un patient
whoami-no-mailbox = Pas de boîte aux lettres.
record-page-beyond = Pas de page { $page } : ce dossier compte { $count ->
    [one] un élément
   *[other] { $count } éléments
 }.
error-nothing-to-sign = Rien n'attend votre signature. « confrere consent show » montre vos accords.
