# La passerelle de courrier : ce que disent les messages qu'elle met dans la boîte.

mail-day = { $day }/{ $month }/{ $year }
mail-moment = { $day } à { $time } ({ $zone })
mail-on-behalf-of = { $name } pour { $owner }
mail-documents = Documents joints : { $names }
mail-doctors-only = Entre médecins seulement.
mail-how-to-answer = Pour répondre, répondez simplement à ce message : votre texte et vos pièces jointes deviennent la réponse. Pour demander un complément sans répondre encore, commencez votre texte par « Question : ».
mail-how-to-reply-question = Répondez simplement à ce message pour donner ce qui est demandé.
mail-file-too-large = Pièce jointe trop grande pour un message, ou introuvable : { $name } ({ $size } octets). Ouvrez-la avec « confrere show --save ».
mail-subject-unreadable = Message à lire avec une version plus récente
mail-text-unreadable = Ce message ne se lit pas ici. Mettez Confrère à jour.

mail-patient-birth-name = Nom de naissance
mail-patient-given-names = Prénoms de naissance
mail-patient-birth-date = Date de naissance
mail-patient-sex = Sexe
mail-patient-birth-place = Lieu de naissance (code INSEE)
mail-patient-ins = INS
mail-patient-without-ins = non renseignée
mail-sex-female = féminin
mail-sex-male = masculin

mail-delivered-subject = Remis : { $subject }
mail-delivered-text = Votre message « { $subject } » est arrivé.
mail-delivered-recipient = { $address } : remis. { $why }
mail-failed-subject = Non remis : { $subject }
mail-failed-text = Votre message « { $subject } » n'est pas arrivé à tous ses destinataires. Il ne sera pas envoyé une autre fois : prévenez-les autrement si c'est urgent.
mail-failed-recipient = { $address } : non remis. { $why }
mail-delayed-subject = Retardé : { $subject }
mail-delayed-text = Votre message « { $subject } » n'est pas encore arrivé. Il partira de lui-même dès que possible.
mail-delayed-recipient = { $address } : en attente. { $why }
mail-displayed-subject = Lu : { $subject }
mail-displayed-text = { $name } a ouvert votre message « { $subject } ».

mail-refused-subject = Un message n'a pas pu être vérifié et n'est pas montré
mail-refused-text = Un message reçu n'a pas passé les vérifications. Son contenu n'est pas montré, car rien ne prouve qui l'a écrit. Appelez votre correspondant et demandez-lui de le renvoyer ; si cela se répète, prévenez l'assistance.
mail-refused-place = Échange { $thread }, message n° { $number } ({ $failure }).
mail-unmade-subject = Un message n'a pas pu être affiché ici
mail-unmade-text = Un message reçu est vérifié et gardé, mais n'a pas pu prendre la forme d'un courriel. Ouvrez-le avec « confrere show { $thread } », ou demandez à votre correspondant de le renvoyer autrement.
mail-unmade-place = C'est le message n° { $number } de cet échange.
mail-draft-subject = Demande d'avis non envoyée : { $subject }
mail-draft-text = Votre demande d'avis n'est pas partie. Il manque :
mail-draft-how = Renvoyez-la depuis votre logiciel avec l'identité du patient, ou commencez-la avec « confrere refer ».
mail-detached-subject = Nouvel échange : { $subject }
mail-detached-text = Vous avez répondu à d'autres personnes que celles de l'échange. Votre message a commencé un nouvel échange avec elles ; celles de l'ancien ne l'ont pas reçu.
mail-notice-no-reply = Ce message vient de votre passerelle Confrère. N'y répondez pas.

mail-missing-performer = le confrère à qui la demande s'adresse
mail-missing-patient = l'identité du patient
mail-missing-birth-name = le nom de naissance du patient
mail-missing-birth-given-names = les prénoms de naissance du patient
mail-missing-birth-date = la date de naissance du patient (AAAA-MM-JJ)
mail-missing-sex = le sexe du patient
mail-missing-birth-place = un code INSEE du lieu de naissance qui se lise
mail-missing-ins = un matricule INS qui se lise, avec son autorité
mail-missing-question = la question
mail-missing-urgency = un niveau d'urgence connu
mail-missing-call = l'appel au confrère : une urgence immédiate commence par le téléphone
mail-withdrawn-subject = Ce poste ne reçoit et n'envoie plus
mail-withdrawn-text = Ce poste a été retiré de vos appareils. Ce qu'il avait déjà reçu reste lisible ici ; rien de nouveau n'arrive et rien ne part. Si ce n'est pas vous qui l'avez retiré, appelez votre exploitant. Sinon, inscrivez-le de nouveau avec votre feuille de récupération, ou supprimez son profil.
