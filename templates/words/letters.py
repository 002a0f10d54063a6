"""What is printed below a letter on paper, in Danish."""

from templates.words.marked import marked

# Below a letter on paper that asks: how it can be answered without the page.
SLIP: dict[str, str] = {
    "how": marked("I kan også svare på papir eller i telefonen"),
    "by_post": marked("Sæt kryds, skriv under, og send arket til %(municipality)s. Eller ring på %(phone)s."),
    "yes": marked("Ja, vi vil gerne have boligen"),
    "no": marked("Nej, vi vil ikke have boligen"),
    "signed": marked("Dato og underskrift"),
}
