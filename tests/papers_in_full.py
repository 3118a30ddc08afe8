"""An invented paper as arXiv's HTML and as LaTeX, in the shape that LaTeXML and authors write."""

HTML = """<!DOCTYPE html><html lang="en"><body><div class="ltx_page_main">
<article class="ltx_document ltx_authors_1line">
<h1 class="ltx_title ltx_title_document">Kettles That Know When to Stop</h1>
<div class="ltx_authors"><span class="ltx_creator ltx_role_author">Ada Teller
<a class="ltx_ref ltx_href" href="https://kettles.github.io/stop">Project page</a></span></div>
<div class="ltx_abstract"><h6 class="ltx_title ltx_title_abstract">Abstract</h6>
<p class="ltx_p">We boil less. Our code is available
<a class="ltx_ref ltx_href" href="https://github.com/kettles/stop">here</a>.</p></div>
<section class="ltx_section" id="S1">
<h2 class="ltx_title ltx_title_section"><span class="ltx_tag ltx_tag_section">1 </span>Introduction
</h2><div class="ltx_para"><p class="ltx_p">Tea is old
<cite class="ltx_cite">[<a href="#bib.1">1</a>]</cite>.
We use the boiler of others<span class="ltx_note ltx_role_footnote"><sup>1</sup><span
 class="ltx_note_outer"><span class="ltx_note_content"><a class="ltx_ref ltx_url"
 href="https://github.com/others/boiler">https://github.com/others/boiler</a></span></span></span>.
We release the model at <a class="ltx_ref ltx_url"
 href="https://huggingface.co/kettles/stop-1b">https://huggingface.co/kettles/stop-1b</a>.</p></div>
<figure class="ltx_figure" id="S1.F1"><img src="x1.png"><figcaption class="ltx_caption"><span
 class="ltx_tag ltx_tag_figure">Figure 1: </span>Overview of the architecture.</figcaption></figure>
</section>
<section class="ltx_section" id="S2"><h2 class="ltx_title ltx_title_section"><span
 class="ltx_tag ltx_tag_section">2 </span>Related Work</h2><p class="ltx_p">Pots.</p></section>
<section class="ltx_section" id="S3"><h2 class="ltx_title ltx_title_section"><span
 class="ltx_tag ltx_tag_section">3 </span>The Listening Lid</h2>
<section class="ltx_subsection" id="S3.SS1"><h3 class="ltx_title ltx_title_subsection"><span
 class="ltx_tag ltx_tag_subsection">3.1 </span>Whistles as Tokens</h3>
<table class="ltx_equation ltx_eqn_table"><tr><td><math alttext="x^2" display="block"><mi>x</mi>
</math></td></tr></table><table class="ltx_equationgroup ltx_eqn_align ltx_eqn_table"><tr><td>
<math alttext="\\displaystyle y" display="inline"></math></td></tr></table>
<p class="ltx_p">The lid listens.</p></section></section>
<section class="ltx_section" id="S4"><h2 class="ltx_title ltx_title_section"><span
 class="ltx_tag ltx_tag_section">4 </span>Experiments</h2>
<figure class="ltx_figure" id="S4.F2"><figure class="ltx_figure ltx_figure_panel"><figcaption
 class="ltx_caption"><span class="ltx_tag ltx_tag_figure">(a) </span>Small</figcaption></figure>
<figcaption class="ltx_caption"><span class="ltx_tag ltx_tag_figure">Figure 2: </span>Accuracy
against energy: the lid saves <math alttext="42\\%"><mi>x</mi></math> across kettles. Lower is
better.</figcaption></figure>
<figure class="ltx_table" id="S4.T1"><figcaption class="ltx_caption"><span
 class="ltx_tag ltx_tag_table">Table 1: </span>Statistics of the kettles.</figcaption></figure>
<figure class="ltx_table" id="S4.T2"><figcaption class="ltx_caption"><span
 class="ltx_tag ltx_tag_table">Table 2: </span>Main results on three kettles.</figcaption></figure>
</section>
<section class="ltx_section" id="S5"><h2 class="ltx_title ltx_title_section"><span
 class="ltx_tag ltx_tag_section">5 </span>Conclusion</h2><p class="ltx_p">Results show that the lid
saves 42% of the energy<cite class="ltx_cite">[2]</cite>.</p></section>
<section class="ltx_section" id="Sx1"><h2 class="ltx_title ltx_title_section">Limitations</h2>
<p class="ltx_p">Coffee was not tried.</p></section>
<section class="ltx_bibliography"><h2 class="ltx_title ltx_title_bibliography">References</h2>
<ul><li>Our code is available at https://github.com/wrong/one</li></ul></section>
<section class="ltx_appendix" id="A1"><h2 class="ltx_title ltx_title_appendix"><span
 class="ltx_tag ltx_tag_appendix">Appendix A </span>Proofs</h2><p class="ltx_p">Long.</p>
<figure class="ltx_table" id="A1.T3"><figcaption class="ltx_caption"><span
 class="ltx_tag ltx_tag_table">Table 3: </span>Main results, all kettles.</figcaption></figure>
</section></article></div></body></html>"""
LATEX = r"""\documentclass{article}\begin{document}
\begin{abstract} We boil less. Our code is available at \url{https://github.com/kettles/stop}.
\end{abstract}
\section{Introduction} Tea is old~\cite{x}. % \section{Conclusion} not this

\begin{figure*} \includegraphics{x} \caption[short]{Overview of the \textbf{architecture}.}
\end{figure*}
\section{The Listening Lid}
\subsection{Whistles as Tokens}
\begin{equation} x^2 \end{equation} The lid listens.
\section{Experiments}
\begin{table}[t] \caption{Main results on {three} kettles.} \begin{tabular}{ll} 1 & 2 \end{tabular}
\end{table}
\begin{figure} \caption{Accuracy against energy.} \label{f} \end{figure}
\section{Conclusion} Results show that the lid saves 42\% of the energy.
\section*{Limitations} Coffee was not tried.
\appendix
\section{Proofs} Long.
\end{document}"""
