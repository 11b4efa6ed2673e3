¿Me podrías pasar el cuchillo afilado que está al lado del cuenco verde?
Después de la caída, el anciano estuvo como nuevo en una semana.
Si corremos, quizá todavía alcancemos el cuarenta y dos.
No compres a ciegas: huele primero el melón.
La directora, a la que todos temían, resultó ser muy amable.
La sequía duró tanto que hasta el pozo más profundo se secó.
El tribunal absolvió a los dos hermanos por falta de pruebas.
La escaladora más joven llegó a la cumbre una hora antes que su padre.
La lavadora pasó a mejor vida en pleno centrifugado.
Los vecinos se quejaron porque Leila estuvo practicando el trombón hasta la una de la madrugada.
No vendas la piel del oso antes de cazarlo, dijo el granjero, y cerró con llave el granero.
La reunión iba a durar media hora, pero se alargó hasta la hora de comer.
Hacer esta masa es pan comido, pero dejarla reposar requiere paciencia.
Faltan siete huevos y medio litro de leche en la nevera.
Se le quemaron las tortitas porque estaba hablando por teléfono con su hermana.
¿En cuál de estas dos radiografías se ve la costilla rota?
Con el tiempo construiremos un segundo pabellón, pero actualmente no hay dinero para ello.
Sin las gafas no podrá leer la etiqueta del frasco.
Dos revisores subieron en el mercado y revisaron todos los billetes.
Esta mañana se encontró un paraguas con mango de madera debajo del asiento trasero.
Le han cobrado dos veces el mismo viaje en la tarjeta.
La miel de las montañas se agota antes de las nueve.
¿Se jubiló la anciana que vendía velas?
Aquí lo normal es regatear, pero, por favor, no ofenda al tejedor.
Yusuf tiene que escribir cincuenta veces «No debo correr por el pasillo».
¿A quién le toca borrar la pizarra después de la clase?
Le daba tanto miedo leer en voz alta que fingió haberse quedado sin voz.
Nadie esperaba un granizo del tamaño de nueces a mediados de mayo.
Si el río sube otros diez centímetros, se evacuará el pueblo.
Con el cielo despejado, las noches en el desierto se vuelven gélidas.
A quien no entienda la lengua del tribunal se le proporciona un intérprete gratuito.
Se declaró culpable, pero se negó a decir quién era el hombre que conducía el coche.
Aparcar delante del parque de bomberos le costará doscientos euros.
No tires la toalla ahora; ni siquiera ha empezado la segunda parte.
Las zapatillas de Wanjiru estaban tan gastadas que se le salían los dedos.
Las entradas para la final se agotaron en once minutos.
Sujeta la escalera mientras cambio la bombilla.
No vale la pena arreglar un teléfono que se cayó al mar.
¿Cuándo dejará por fin de tener goteras el tejado que dañó la tormenta?
No afinemos la guitarra otra vez; suena bastante bien.
¿Cómo se llamaba la canción que bailaron en tu boda?
Solo el bajista se dio cuenta de que la cantante se había saltado una estrofa.
Se mojaron dieciocho sacos de maíz porque habían dejado abierta la puerta del cobertizo.
El burro de nuestro vecino se niega a cruzar el puente de madera.
Las abejas no han vuelto desde que fumigaron el huerto de frutales.
Probablemente asciendan a Elena, aunque solo lleva un año trabajando aquí.
¿Por qué no me dijeron que la oficina cerraría el lunes?
Toda factura de más de cinco mil debe ir firmada por dos personas.
