¿Quién dejó el arroz sin tapar y por qué sigue encendida la cocina?
Mi abuela nunca mide la harina; se fía de sus manos.
La enfermera me preguntó si había comido algo desde medianoche.
Ya no le duele la rodilla izquierda, aunque el médico no se la ha operado.
El último autobús al puerto sale a las doce menos cuarto, no a medianoche.
Nadie le cedió el asiento a la mujer que llevaba tres bolsas pesadas.
Estos tomates son más baratos que los de ayer, pero no saben a nada.
La nueva maestra se sabe de memoria los nombres de los treinta y un alumnos.
Amina no hizo los deberes porque se había ido la luz.
Llovía a cántaros, así que trasladaron la boda al granero.
El juez no creyó ni una palabra de lo que dijo el testigo.
Nuestro portero paró dos penaltis y aun así perdimos.
El mecánico tuvo que cambiar los frenos que su aprendiz había montado al revés.
El pianista tocó todo el concierto de memoria, sin un solo error.
Su violín es más viejo que el país en el que nació.
La vaca negra da más leche que las dos marrones juntas.
El informe que me pidió está encima de su escritorio.
Nuestro jefe quiere matar dos pájaros de un tiro: ahorrar dinero y mudarse más cerca del aeropuerto.
Remueva las lentejas despacio hasta que la cebolla esté dorada y luego añada dos dientes de ajo.
La sopa habría estado más rica si no se te hubiera olvidado la sal.
¡Cuidado, esa sartén acaba de salir del horno!
En esta casa no se tira el pan que sobra: lo secamos y lo rallamos.
Tome una pastilla cada ocho horas, pero nunca en ayunas.
¿Desde cuándo tiene fiebre el bebé?
La doctora Okafor lo atenderá dentro de veinte minutos; rellene este formulario, por favor.
En realidad solo está constipado; nadie tiene que guardar cuarentena.
¿Esta línea para cerca de la estación de tren los domingos?
Como el puente estaba cerrado, el conductor tuvo que dar un gran rodeo.
Se me pasó la parada porque me había quedado dormido con la cabeza contra la ventanilla.
Los niños menores de seis años viajan gratis, siempre que vayan con un adulto.
¿Cuánto cuesta un kilo de pescado seco sin las cabezas?
Fátima vende cebollas rojas y blancas en un carrito azul.
Esa alfombra cuesta un ojo de la cara y ni siquiera está hecha a mano.
Puede llevarse cuatro mangos al precio de tres.
El pescadero volvió a pesar el calamar porque el cliente no le creía.
Quien termine primero el examen puede salir a jugar.
Nuestra clase plantó un cerezo detrás del gimnasio la primavera pasada.
¿Por qué tenemos que aprender poemas que ya nadie lee?
Cinco alumnos aprobaron el examen de química; los demás volverán a presentarse en junio.
Mañana por la mañana habrá niebla en la costa, con temperaturas de unos cuatro grados.
Aquí no se veía un septiembre tan caluroso desde 1961.
¿Ya se ha derretido la nieve en el lado norte de la colina?
Un viento frío les arrancó los sombreros a los turistas.
A nuestro perro le dan más miedo los truenos que los fuegos artificiales.
Hay que avisar a los inquilinos por escrito con al menos tres meses de antelación.
¿Es válido un contrato si solo lo ha firmado una de las partes?
Su abogado le aconsejó que guardara silencio hasta que empezara el juicio.
Según el testamento, la casa es de la hija menor.
Robar una bicicleta no es lo mismo que cogerla prestada sin preguntar.
Todos los martes nada cuarenta largos antes de desayunar.
¿Quién ganó el maratón femenino el año pasado?
El árbitro hizo la vista gorda con la falta justo antes del descanso.
Desde que se rompió la muñeca, Mehmet no ha tocado una raqueta.
Solo quedan nueve segundos y el marcador está empatado.
Este grifo lleva tres semanas goteando y nadie lo ha arreglado.
Antes de abrir la radio, desenchúfela.
¿Tiene un destornillador lo bastante pequeño para estas gafas?
La cola sola no va a sujetar la pata de la silla; también hace falta un tornillo.
Un electricista del pueblo de al lado arregló el ascensor gratis.
¿Oyes el segundo tambor o lo tapan las trompetas?
El abuelo nos dormía cantándonos una canción sobre un zorro azul.
No sé cantar, pero puedo silbar cualquier melodía después de oírla una vez.
Cuarenta coros de nueve países actuarán en la plaza el sábado por la noche.
Anoche un zorro se llevó tres gallinas, así que arreglamos la valla.
¿Cuándo se van a recoger las aceitunas este año?
Si las cabras vuelven a meterse en la viña, no quedarán uvas.
No todas las semillas que caen en esta tierra germinarán.
Los agricultores que comparten un solo tractor tienen que ponerse de acuerdo en quién ara primero.
Por favor, no imprima el documento entero; con dos páginas basta.
¿Alguien ha visto la llave de la sala de reuniones?
La señora Petrova está de vacaciones hasta el dieciséis y su suplente está enfermo.
En vez de contestar la carta, la puso debajo de todo el montón.
