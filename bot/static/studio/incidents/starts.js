// Beginnings for what happens to every shop: whoever writes makes them their own.

export const STARTS = {
  strike: {
    icon: "box",
    form: {
      name: { fr: "Grève du transporteur", en: "Carrier strike" },
      topics: ["delivery"],
      phrases: { fr: ["grève du transporteur", "livraison en grève", "grève des livreurs", "colis en grève", "grève de La Poste"], en: ["carrier strike", "delivery strike", "drivers on strike", "parcel strike", "courier strike"] },
      answer: {
        fr: "Une grève touche notre transporteur : certaines livraisons prennent quelques jours de retard. Votre commande n’est pas perdue, et vous n’avez rien à faire. Nous vous tenons au courant ici.",
        en: "Our carrier is on strike, so some deliveries are a few days late. Your order is not lost, and there is nothing you need to do. We will keep you posted here.",
      },
      notice: { fr: "Grève chez notre transporteur : des livraisons sont retardées.", en: "Our carrier is on strike: some deliveries are late." },
      over: { fr: "La grève est terminée : les livraisons reprennent normalement. Merci de votre patience.", en: "The strike is over: deliveries are back to normal. Thank you for your patience." },
    },
  },
  down: {
    icon: "plug",
    form: {
      name: { fr: "Site indisponible", en: "Website down" },
      topics: [],
      phrases: { fr: ["site en panne", "site ne marche pas", "site inaccessible", "impossible de payer"], en: ["site is down", "website not working", "website down", "cannot pay"] },
      answer: {
        fr: "Notre site rencontre une panne, et nos équipes la réparent en ce moment. Vos commandes déjà passées ne sont pas touchées. Nous vous disons ici dès que tout remarche.",
        en: "Our website is having trouble, and our teams are repairing it right now. Orders already placed are not affected. We will tell you here as soon as everything works again.",
      },
      notice: { fr: "Notre site est en panne, nous le réparons.", en: "Our website is down, we are repairing it." },
      over: { fr: "Notre site fonctionne de nouveau. Merci de votre patience.", en: "Our website works again. Thank you for your patience." },
    },
  },
  recall: {
    icon: "flag",
    form: {
      name: { fr: "Rappel d’un produit", en: "Product recall" },
      topics: [],
      phrases: { fr: ["rappel du produit", "produit rappelé", "produit dangereux"], en: ["product recall", "recalled product", "dangerous product"] },
      answer: {
        fr: "Nous rappelons un produit par précaution : cessez de l’utiliser. Nous le reprenons sans frais et vous remboursons, même sans ticket. Les références concernées sont sur notre page d’accueil.",
        en: "We are recalling a product as a precaution: please stop using it. We take it back free of charge and refund you, even without a receipt. The references concerned are on our home page.",
      },
      notice: { fr: "Rappel d’un produit : vérifiez si vous êtes concerné.", en: "Product recall: check whether yours is concerned." },
      over: { fr: "", en: "" },
    },
  },
};
