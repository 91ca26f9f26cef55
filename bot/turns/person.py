"""Whether who waits for an advisor asks for one again, as people type it, or asks what an article may answer."""

from __future__ import annotations

import re

from bot.folding import fold

# All of this is held against one clause at a time, folded: words and single spaces, no case, no accent, no apostrophe.


def _any(*ways: str) -> str:
    return f"(?:{'|'.join(ways)})"


_NAMED = _any(
    r"humaine?s?|etre humain|personne|quelqu ?un|quel?qun|qq?u?n|consei?ll?[ei]re?|conseille|teleconseillere?",
    r"agente?|operateur|operatrice|interlocuteur|responsable|collegue",
    r"humans?(?: being)?|person|some ?one|sm1|some ?body|any ?one|any ?body|advis[oe]r|agent|rep|representative",
    r"operator|manager|supervisor|colleague",
)
_REAL = _any("vraie?", "real", "live", "actual", "human", "customer (?:service|support)", "support")
_PERSON = rf"(?:{_REAL} ){{0,2}}{_NAMED}(?: (?:humaine?|reelle?|physique|real))?\b"
_SERVICE = "(?:sav|service (?:client(?:s|ele)?|apres vente)|customer (?:service|support|care)|after sales(?: service)?)"
_AN = _any("une?(?: autre)?", "des?", r"a(?! personne\b)|an(?:other)?", "any")
_THE = _any("l[ea]?", "votre", "vos", "au", "du", "the", "your")
_OF_YOURS = r"(?:one of your|une? de vos|un membre de votre|a member of your) \w+"
_SOMEONE = rf"(?:(?:{_AN} |(?!personne)){_PERSON}|{_OF_YOURS})"
_THE_ONE = rf"(?:{_THE} {_PERSON}|(?:{_THE} )?{_SERVICE})"

_THROUGH = _any(
    r"j?(?:passe[rz]?|transfere[rz]?|mett(?:ez|re)|connecte[rz]?) moi",
    r"me (?:passer|transferer|mettre|connecter)|en (?:relation|contact|communication)",
    r"(?:put|pass|get|connect|transfer) (?:me|us)(?= (?:on|to|with|through)\b)|be (?:put|connected|transferred)",
)
_SPEAK = _any("parler", "discuter", "echanger", "speak", "talk", "chat(?:ter)?", _THROUGH)
_REACH = _any("joindre", "contacter", "reach", "contact")
_WANT = _any(
    r"want|wanna|need|(?:d|id|would) (?:like|prefer|rather have)",
    r"(?:get|give) me|(?:can|could|may) (?:i|we) (?:get|have)",
    r"j?(?:veux|voudrais?|souhaite(?:rais?)?|aimerais?|prefere(?:rais?)?)|avoir|faut|donne[rz]? moi|besoin",
)
# "Speak directly to", "mettez-moi tout de suite en relation avec"
_LINK = _any(
    r"a|avec|vers|de|d|en relation|en contact|to|2|on|with|through|now|please|just|directly|urgently",
    r"directement|maintenant|tout de suite|plutot|enfin|vraiment|absolument|juste",
)
_TO = rf"(?: {_LINK}\b){{0,4}}"

_LANGUAGES = "francais|anglais|allemand|neerlandais|espagnol|italien|french|english|german|dutch|spanish|italian"
_LAST = _any(
    r"please|pls|plz|thanks|thank you|thx|(?:right )?(?:now|away)|asap|urgent(?:ly)?|immediately|quickly|instead",
    r"directly|today|again|t?here|available|online|(?:on|over|by) (?:the )?(?:phone|line)|from your team",
    r"who can help(?: me)?|(?:(?:(?:that|who) )?(?:i|we) can|to) (?:talk|speak|chat) (?:to|with)",
    r"s[vt]p|s ?il (?:vous|te) plait|merci(?: d avance)?|maintenant|tout de suite|immediatement|directement|vite",
    r"rapidement|d urgence|ici|la|enfin|plutot|aujourd hui|disponible|dispo|en ligne|en vrai|(?:au|par) tel(?:ephone)?",
    r"(?:de )?chez vous|de votre equipe|d(?:u|e votre) (?:service \w+(?: vente)?|sav|support)",
    r"(?:a|avec) qui (?:parler|discuter)|(?:in|en|who speaks|qui parle) (?:" + _LANGUAGES + ")",
    # A robot ends a clause: "not a bot", "et pas à un robot"
    r"(?:and )?not(?: to| with)? an?|(?:instead of|rather than) an?",
    r"(?:et )?(?:non |pas )(?:a |avec )?une?|plutot qu une?",
)
_END = rf"(?: {_LAST})*$"
_WHY = r" (?:because|since|car|parce)\b"
_ABOUT = rf"(?:{_WHY}| (?:about|regarding|for|to|au sujet|a propos|concernant|pour|de m(?:a|on|es))\b)"
# "Someone at the store", "un agent de livraison": these wait elsewhere, and how to reach them may be an article.
_ELSEWHERE = (
    r" (?:de|d|du|of|from|at|in|au|en|a|dans)(?: la| le| l| un| une| the| your| votre| a)?"
    r" (?:livraison|transporteur|magasin|boutique|entretien|securite|delivery|carrier|courier|store|shop|security)\b"
)

_ALONE = re.compile(rf"(?:{_AN} |{_THE} )?(?:{_PERSON}|{_SERVICE}(?! (?:in|en)\b)){_END}")
_ASKED = re.compile(
    # "Talk to someone about my order"
    rf"\b(?:{_SPEAK}|{_REACH}){_TO} {_SOMEONE}(?:{_END}|{_ABOUT})"
    rf"|\b{_SPEAK}{_TO} {_THE_ONE}(?:{_END}|{_ABOUT})"
    # "I need a human", but not for what: "I need someone to carry the sofa"
    rf"|\b{_WANT}{_TO} (?:{_SOMEONE}|{_THE_ONE})(?:{_END}|{_WHY})"
    # "Is there someone I can talk to", "can someone help me", "un conseiller peut-il me répondre"
    rf"|(?:\b(?:is|are) there|^is|\by a(?: t il)?)(?: pas)? {_SOMEONE}{_END}"
    rf"|^(?:can|could|will) {_SOMEONE} (?:please )?(?:answer|help|assist|talk to|speak to)(?: me| us)?{_END}"
    rf"|^{_SOMEONE} (?:peut|pourrait|va)(?: t)?(?: il)? (?:me |m |nous )?(?:repondre|aider|parler){_END}"
    rf"|^transfer(?:ez moi| me){_END}"
)
# What is no question goes on as it likes: "je veux parler à un conseiller qui connaît les canapés".
_SAID = re.compile(rf"\b(?:{_SPEAK}|{_REACH}){_TO} {_SOMEONE}(?!{_ELSEWHERE})")
# Right before it: "I'd rather not", "je n'ai plus besoin de", "do I have to"; not "je n'arrive pas à", "why can't I".
_NOT = _any(
    r"(?:do|did|does|wo|would)n ?t|(?<!can )(?<!could )not|never|no (?:need|longer)|nor|without",
    r"(?<!peux )(?<!peut )(?<!puis )(?<!pouvez )(?<!pourrais )pas|tiens pas a|(?<!en )plus|jamais",
    r"aucun|inutile|sans|refuse",
    r"(?:ha[sd]|was) able|managed|ai (?:deja|pu)(?: pu)?",
    r"(?<!how )(?:do|should|must) i|dois je|est ce que je dois|faut il|doit on",
)
_STILL_NOT = _any(
    r"to|for|be|have|get|want|wish|need|like|asked|really|necessary|you|me",
    r"de|d|demande a|la peine|etre|veux|souhaite|mise?|besoin|envie|necessaire|utile",
    r"vraiment|surtout|forcement|du tout|que|vous",
)
_DENIED = re.compile(rf"\b{_NOT}(?: {_STILL_NOT}){{0,4}} $")
# What asking costs, when it is possible, and whether others may.
_OF_ASKING = re.compile(
    r"\b(?:free to|toll free|gratuit\w*|payante?|surtaxe\w*|costs?|coute\w*|quelle heure|what (?:hour|time)|horaires"
    r"|(?:can|could|may) (?:my|the|an?) \w+)\b"
)
_NO_ROBOT = re.compile(
    r"\b(?:pas|plus|not|don ?t)(?: want)?(?: to)? (?:parler|discuter|talk|speak|chat)"
    r" (?:a|au|avec|to|with)(?: une?| le| an?| the| this)?$"
)
_GREETING = re.compile(
    r"(?:(?:hello|hi|hey|bonjour|bonsoir|salut|allo|please|s[vt]p|s il vous plait|no$|non|ok|stop"
    r"|et|and|mais|but|merci|thanks)\b ?)*"
)
_QUESTION = re.compile(r" ?(?:comment|ou (?:est|sont|en)|quel\w*|how (?:do|can|to|much|many)|where|what|which)\b")

_ROBOT = re.compile(r"\b(?:(?:ro|chat)?bots?|machine)\b")
_CLAUSE = re.compile(r"([^,.;:!?()\n]+)([,.;:!?()\n]*)")
_NO_WORD = re.compile(r"[\W_]+")
_LONGEST = 80  # what is longer tells something, which an article may answer


def wants_a_person(text: str) -> bool:
    """Whether ``text`` asks for what is asked for already, and nothing else."""
    if len(text) > _LONGEST:
        return False
    wanted, first = False, True
    for words, closing in _CLAUSE.findall(fold(text).replace("s.v.p", "svp")):
        question = "?" in closing
        if _clause_asks(words, question, first):
            wanted = True
        elif wanted and question and _QUESTION.match(words):
            return False  # "I want a human, where is my order?" has an answer
        first = first and _GREETING.fullmatch(_plain(words)) is not None
    return wanted


def _clause_asks(words: str, question: bool, first: bool) -> bool:
    """Whether ``words`` ask, also between one robot and the next: "I don't want a bot I want a person"."""
    *before, last = (_plain(part) for part in _ROBOT.split(words))
    return any(_asks(part, False, first) or _NO_ROBOT.search(part) for part in before) or _asks(last, question, first)


def _asks(clause: str, question: bool, first: bool) -> bool:
    if _OF_ASKING.search(clause):
        return False
    # "This does not help, agent please"; but "who do I give it to, the agent?"
    if (first or not question) and _ALONE.match(_GREETING.sub("", clause, count=1)):
        return True
    ways = (_ASKED,) if question else (_ASKED, _SAID)
    return any(not _DENIED.search(clause[: way.start()]) for pattern in ways for way in pattern.finditer(clause))


def _plain(words: str) -> str:
    return _NO_WORD.sub(" ", words).strip()
